import { type Static, Type } from 'typebox';
import type { LoginId } from '../kernel/ids.ts';
import type { JournalEntry } from '../login/journal.ts';
import { DryRunAnswer } from './dry-run-types.ts';

const Asked = Type.Union([Type.Object({ name: Type.String(), args: Type.Array(Type.Unknown()) }), Type.Null()]);

/** Where a script stops doing what the one of the login did. */
export const Differs = Type.Object(
  {
    seq: Type.Integer({ description: 'The entry of the journal.' }),
    line: Type.Union([Type.Integer(), Type.Null()], { description: 'In the script that was played now.' }),
    column: Type.Union([Type.Integer(), Type.Null()]),
    recorded: { ...Asked, description: 'What the login’s script called; null where it had ended.' } as typeof Asked,
    now: { ...Asked, description: 'What this script calls; null where it ends.' } as typeof Asked,
    message: Type.String(),
  },
  { title: 'Differs' },
);
export type Differs = Static<typeof Differs>;

const Moment = Type.Object(
  {
    seq: Type.Integer({ description: 'The entry that is asked for next.' }),
    variables: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'Of the script’s top scope. What JSON does not have is `{$is, name?}`: a function, a user, a getter.',
    }),
    queue: Type.Array(
      Type.Object({
        name: Type.String(),
        args: Type.Array(Type.Unknown()),
        handlers: Type.Array(Type.String()),
        line: Type.Union([Type.Integer(), Type.Null()]),
        column: Type.Union([Type.Integer(), Type.Null()]),
        library: Type.Optional(Type.String()),
      }),
      { description: 'What waits, next first, with the callbacks that wait for it.' },
    ),
  },
  { title: 'Moment' },
);

const { outcome, usage, ...parts } = DryRunAnswer.properties;

export const ReplayAnswer = Type.Object(
  {
    ...parts,
    outcome: Type.Union([outcome, Type.Null()], { description: 'Null where nothing could be played.' }),
    usage: Type.Union([usage, Type.Null()]),
    moments: Type.Array(Moment, {
      description: 'What the script had when it asked for each entry: the last one up to an entry holds for it.',
    }),
    differs: Type.Union([Differs, Type.Null()], { description: 'The first difference; null where there is none.' }),
    notReplayable: Type.Union([Type.String(), Type.Null()], {
      description: 'Why the login cannot be played, or how it goes on cannot be told; null where it can.',
    }),
  },
  { title: 'ReplayAnswer' },
);
export type ReplayAnswer = Static<typeof ReplayAnswer>;

const Change = Type.Object({
  from: Type.String(),
  to: Type.String(),
  count: Type.Integer(),
  logins: Type.Array(Type.String(), { description: 'The ids of some of them, newest first.' }),
});

/** What past logins come to with another flow. */
export const WhatIfAnswer = Type.Object(
  {
    logins: Type.Integer({ description: 'How many were played.' }),
    unchanged: Type.Integer(),
    changed: Type.Array(Change, { description: 'From what to what, the most frequent first.' }),
    notReplayable: Type.Array(
      Type.Object({ reason: Type.String(), count: Type.Integer(), logins: Type.Array(Type.String()) }),
      { description: 'Of those nothing can be told.' },
    ),
    tookMs: Type.Integer(),
  },
  { title: 'WhatIfAnswer' },
);
export type WhatIfAnswer = Static<typeof WhatIfAnswer>;

/** A past login. */
export interface Recording {
  loginId: LoginId;
  journal: readonly JournalEntry[];
}

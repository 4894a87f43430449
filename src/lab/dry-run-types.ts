import { type Static, Type } from 'typebox';
import type { SignInRule } from '../applications/sign-in-rule.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import type { ApplicationId } from '../kernel/ids.ts';
import type { PublishedFlow } from '../login/flow.ts';
import type { Directory } from '../provisioning/plan.ts';
import type { Roles } from '../script-api/world.ts';

/*
 * What a dry run is asked and what it answers. The schemas are the types, the validation and the API reference at once.
 */

const closed = { additionalProperties: false } as const;
const nullable = <const S extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(schema: S) =>
  Type.Union([schema, Type.Null()]);
const Texts = Type.Record(Type.String(), Type.String({ maxLength: 10_000 }));

const ScenarioUser = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 255 }),
    uniqueId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: 'The account’s id, for scripts that compare it. Default: one that is made of the user name.',
      }),
    ),
    claims: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 10_000 }), {
        description: 'Values by claim URI or plain name.',
      }),
    ),
    roles: Type.Optional(Type.Array(Type.String())),
    groups: Type.Optional(Type.Array(Type.String())),
    factors: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Names of the authenticators that they have set up. Default: all that need it.',
      }),
    ),
  },
  { ...closed, title: 'ScenarioUser', description: 'A person who exists in this scenario only.' },
);

const StatedResult = Type.Object(
  {
    result: Type.Enum(
      ['known', 'created', 'updated', 'linked', 'unchanged', 'skipped', 'refused', 'failed', 'cancelled'],
      { description: '`cancelled`: the person leaves where they are asked.' },
    ),
    code: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'Why it is `refused` or `failed`: an error code, such as `ACCOUNT_LOCKED`. Default: `PROVISIONING_FAILED`.',
      }),
    ),
  },
  { ...closed, title: 'StatedProvisioning', description: 'What Just-in-Time provisioning comes to in this scenario.' },
);
export type StatedResult = Static<typeof StatedResult>;

export const ScenarioAttempt = Type.Object(
  {
    outcome: Type.Enum(['success', 'fail', 'abort', 'fallback'], { description: 'How the attempt at the step ends.' }),
    idp: Type.Optional(
      Type.String({ description: '`LOCAL` or the name of a connection. Without it: the first option that fits.' }),
    ),
    authenticator: Type.Optional(Type.String({ description: 'The name or alias of an authenticator of the step.' })),
    choseFirst: Type.Optional(
      Type.String({
        description:
          'The name or alias of another authenticator of the step, which the person chose before and left for this one. An account that it needs is made by then.',
      }),
    ),
    subject: Type.Optional(
      Type.String({ description: 'At a connection: the identity provider’s own name for the person (`sub`).' }),
    ),
    claims: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'At a connection: what the identity provider says of the person, by its own claim names.',
      }),
    ),
    provisioning: Type.Optional(
      Type.Union(
        [
          Type.Enum(['accept', 'decline', 'unproven', 'cancel']),
          Type.Array(StatedResult, { minItems: 1, maxItems: 200 }),
        ],
        {
          description:
            'At a connection: what the person does if provisioning asks something. `accept` answers everything, `decline` says that an account that fits is not theirs, `unproven` cannot prove it, `cancel` leaves. Default: as when they came before, else accept. Or what provisioning comes to, whatever is stored and set: each time that the account is needed takes the next result, and the last one repeats.',
        },
      ),
    ),
    reused: Type.Optional(
      Type.Boolean({ description: 'The browser’s session has passed the step before, so nobody is asked again.' }),
    ),
    user: Type.Optional(
      Type.Union([Type.String({ description: 'The user name of a stored person.' }), ScenarioUser], {
        description:
          'Who passes a local step: the user name of a stored person, or a person of this scenario. At a connection: whose account the person is linked to before they come. Default there: what is stored.',
      }),
    ),
  },
  { ...closed, title: 'ScenarioAttempt', description: 'One attempt at a step.' },
);

/** What the world says in a dry run. What it does not answer ends the run as `waiting`. */
export const Scenario = Type.Object(
  {
    now: Type.Optional(
      Type.String({ format: 'date-time', description: 'The time at which the sign-in begins. Default: now.' }),
    ),
    request: Type.Optional(
      Type.Object(
        {
          ip: Type.Optional(Type.String({ description: 'The address of the browser.' })),
          headers: Type.Optional(Texts),
          params: Type.Optional(Texts),
          cookies: Type.Optional(Texts),
          acrValues: Type.Optional(
            Type.Array(Type.String(), { description: 'The ACR values that the application asks for.' }),
          ),
        },
        { ...closed, description: 'The application’s request, and the browser that brings it.' },
      ),
    ),
    steps: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[1-9][0-9]{0,2}$' }),
        Type.Array(ScenarioAttempt, { minItems: 1, maxItems: 200 }),
        {
          ...closed,
          description: 'By step number: each attempt at the step takes the next entry, and the last one repeats.',
        },
      ),
    ),
    functions: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Array(
          Type.Object(
            {
              outcome: Type.Optional(
                Type.Enum(['success', 'fail', 'timeout'], {
                  description: 'Which handler is called. Functions that answer at once need none.',
                }),
              ),
              data: Type.Optional(Type.Unknown({ description: 'The answer: what the handler, or the caller, gets.' })),
            },
            closed,
          ),
          { minItems: 1, maxItems: 200 },
        ),
        {
          description:
            'By function name: each call takes the next entry, and the last one repeats. Of a function that is not named here the script reference says what a dry run does with it.',
        },
      ),
    ),
    prompts: Type.Optional(
      Type.Array(Type.Object({ action: Type.String(), params: Type.Optional(Texts) }, closed), {
        maxItems: 200,
        description: 'What the person answers to each prompt: the action pressed, and the fields.',
      }),
    ),
  },
  {
    ...closed,
    title: 'Scenario',
    description: 'What the world says in a dry run. What it does not answer ends the run as `waiting`.',
  },
);
export type Scenario = Static<typeof Scenario>;
export type ScenarioAttempt = Static<typeof ScenarioAttempt>;

const Library = Type.Optional(
  Type.String({ description: 'The script library in whose text the line is, rather than the script’s.' }),
);

const AnswerSource = Type.Enum(['stated', 'fake'], {
  description:
    'In a dry run, of a function’s answer: `stated` by the scenario, or `fake`, made up of something that a scenario has no other place for. Without it the answer is the function’s own.',
});
export type AnswerSource = Static<typeof AnswerSource>;

export const TraceItem = Type.Object(
  {
    seq: Type.Integer({ description: 'Its place in the journal; lines of one entry share it.' }),
    kind: Type.Enum(['start', 'call', 'step', 'provisioning', 'prompt', 'log', 'effect', 'end']),
    name: Type.String({ description: 'The function, the step’s authenticator, or what else happened.' }),
    line: nullable(Type.Integer()),
    column: nullable(Type.Integer()),
    library: Library,
    args: Type.Array(Type.Unknown(), { description: 'Excerpts, where they are long.' }),
    result: Type.Unknown({ description: 'An excerpt, where it is long.' }),
    source: Type.Optional(AnswerSource),
    atMs: Type.Number({ description: 'Milliseconds since the sign-in began.' }),
  },
  { title: 'TraceItem', description: 'One thing that happened, in order.' },
);
export type TraceItem = Static<typeof TraceItem>;

/** A sign-in as it went: of a dry run, or of a login that a person made. */
export const Trace = Type.Array(TraceItem, { title: 'Trace' });
export type Trace = Static<typeof Trace>;

const Used = Type.Object({ used: Type.Number(), limit: Type.Number() });

const Kept = Type.Object({ used: Type.Union([Type.Number(), Type.Null()]), limit: Type.Number() });

/** What a real login used, as far as its journal tells. */
export const LoginUsage = Type.Object(
  {
    turnCpuMs: Kept,
    cpuMs: Kept,
    turnWallMs: Kept,
    callMs: Kept,
    heapBytes: Kept,
    scriptBytes: Kept,
    journalEntries: Kept,
    queue: Kept,
    argumentBytes: Kept,
    logLines: Kept,
    logLineBytes: Kept,
    loginMs: Type.Object({ used: Type.Number(), limit: Type.Number() }),
  },
  {
    title: 'LoginUsage',
    description:
      'Each limit of a script and of the sign-in. `used` is null for what is not kept: playing the sign-in again measures it.',
  },
);
export type LoginUsage = Static<typeof LoginUsage>;

/** What came of a dry run, as the engine gives it; the API adds the validator's findings. */
export const DryRunAnswer = Type.Object(
  {
    outcome: Type.Object({
      result: Type.Enum(['success', 'failure', 'error', 'waiting'], {
        description: '`error` is the script’s own fault; `waiting` means that the scenario has no further answer.',
      }),
      code: nullable(Type.String({ description: 'The error code of a failure or an error.' })),
      message: nullable(Type.String({ description: 'The same as a sentence for the admin.' })),
      limit: Type.Union(
        [
          Type.Null(),
          Type.Object({ name: Type.String(), used: Type.Union([Type.Number(), Type.Null()]), allowed: Type.Number() }),
        ],
        {
          description:
            'The limit that ended the script, in its own unit, by its name in the script reference; `used` is null where it could not be measured.',
        },
      ),
      line: Type.Optional(nullable(Type.Integer())),
      column: Type.Optional(nullable(Type.Integer())),
      library: Library,
      waitingFor: Type.Union([Type.Null(), Type.Record(Type.String(), Type.Unknown())], {
        description:
          'What the next answer would be for: a step, a prompt or a function. Of a past sign-in that ended meanwhile: what it waited for.',
      }),
      redirect: nullable(Type.String({ description: 'Where `sendError` sends the browser.' })),
      application: Type.Optional(
        Type.Union(
          [
            Type.Null(),
            Type.Object({
              error: Type.String(),
              errorDescription: Type.String(),
              errorUri: Type.Optional(Type.String()),
            }),
          ],
          { description: 'The OAuth error that the application gets; null after a success.' },
        ),
      ),
      acr: nullable(Type.String()),
      amr: Type.Array(Type.String()),
      subject: Type.Union([Type.Null(), Type.Record(Type.String(), Type.Unknown())], {
        description: 'Who signed in, with claims, roles and groups as the script saw them.',
      }),
    }),
    steps: Type.Array(
      Type.Object({
        step: Type.Integer(),
        idp: nullable(Type.String()),
        authenticator: nullable(Type.String()),
        outcome: Type.String(),
        provenBy: Type.Optional(
          Type.String({
            description:
              'The authenticator that comes before the factor is set up; the scenario needs no answer for it. Known of stored people and of accounts that the sign-in makes.',
          }),
        ),
      }),
      { description: 'The attempts at steps, in order.' },
    ),
    provisioning: Type.Array(
      Type.Object({
        step: Type.Integer(),
        idp: Type.String(),
        result: Type.String(),
        before: Type.Union([Type.Null(), Type.Record(Type.String(), Type.Unknown())], {
          description: 'The account as it is; null where there is none.',
        }),
        account: Type.Union([Type.Null(), Type.Record(Type.String(), Type.Unknown())], {
          description: 'The account as it would be afterwards.',
        }),
        changes: Type.Array(
          Type.Object({ what: Type.String(), before: nullable(Type.String()), after: nullable(Type.String()) }),
        ),
        asks: Type.Array(Type.String(), {
          description:
            'What the person would be asked first: `consent`, `username`, `password`, claim URIs, `proof:password`, `proof:email-code` or `proof:totp`.',
        }),
        problem: Type.Union([Type.Object({ code: Type.String(), detail: Type.String() }), Type.Null()]),
      }),
      { description: 'What Just-in-Time provisioning would have done.' },
    ),
    trace: Trace,
    logs: Type.Array(
      Type.Object({
        level: Type.String(),
        message: Type.String(),
        line: nullable(Type.Integer()),
        column: nullable(Type.Integer()),
        library: Library,
      }),
    ),
    effects: Type.Array(Type.Object({ name: Type.String(), args: Type.Array(Type.Unknown()) }), {
      description: 'Calls that would have changed or sent something. None of them was done.',
    }),
    usage: Type.Object(
      {
        turnCpuMs: Used,
        cpuMs: Used,
        turnWallMs: Used,
        callMs: Used,
        heapBytes: Used,
        scriptBytes: Used,
        journalEntries: Used,
        queue: Used,
        argumentBytes: Used,
        logLines: Used,
        logLineBytes: Used,
      },
      {
        description:
          'Each limit of a script: `turn…`, `queue` and `logLineBytes` for the longest one, the others for all. `logLines` counts those that were left out, too.',
      },
    ),
  },
  { title: 'DryRunAnswer' },
);
export type DryRunAnswer = Static<typeof DryRunAnswer>;

/** A dry run with everything that it may read handed in, so that it is the same for the API and for a shell. */
export interface DryRunRequest {
  flow: PublishedFlow;
  scenario: Scenario;
  /** `context.serviceProviderName`. */
  applicationName: string;
  /** The application's own; without them every good end of the script is one. */
  signInRules?: readonly SignInRule[];
  /** Those that the flow may name. */
  connections: readonly Connection[];
  /** A stored person whom the scenario names; null when there is nobody, or nothing is stored. */
  findUser(username: string): Promise<User | null>;
  /** Roles that a script may give and take: does one of this name exist? Where nothing is stored, every role does. */
  roleExists?: Roles['exists'];
  /** The same for secrets. Their values are made up all the same. */
  secretExists?(name: string): Promise<boolean>;
  /** Whose roles the functions of the application see. */
  applicationId?: ApplicationId;
  /** Stored people who have all of these claims. */
  findByClaims?(claims: Record<string, string>, limit: number): Promise<User[]>;
  /** The account that is linked to a person of a connection; where nothing is stored, nobody has one. */
  findAssociated?(connectionId: Connection['id'], subject: string): Promise<User | null>;
  /** The accounts that linking and user names are looked up in; where nothing is stored, there are none. */
  directory?: Directory;
}

export type RunDryRun = (request: DryRunRequest) => Promise<DryRunAnswer>;

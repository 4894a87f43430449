import { isDeepStrictEqual } from 'node:util';
import type { LoginId } from '../kernel/ids.ts';
import type { StepAnswer } from '../login/answers.ts';
import { type Failure, type FindAllowedUrl, grantAcr } from '../login/ending.ts';
import { readFacts } from '../login/facts.ts';
import { failureOf } from './describe-end.ts';
import { listEffects, type Replayed } from './replay.ts';
import type { WhatIfAnswer } from './replay-types.ts';

/** How many ids are named of each kind of change. */
const examples = 5;

/** Counts what logins come to with their own flow and with another. */
export function compareLogins() {
  const changes = new Map<string, { from: string; to: string; count: number; logins: LoginId[] }>();
  const skipped = new Map<string, { reason: string; count: number; logins: LoginId[] }>();
  let logins = 0;
  let unchanged = 0;

  const count = <T extends { count: number; logins: LoginId[] }>(
    of: Map<string, T>,
    key: string,
    fresh: T,
    id: LoginId,
  ) => {
    const group = of.get(key) ?? fresh;
    group.count++;
    if (group.logins.length < examples) group.logins.push(id);
    of.set(key, group);
  };
  const skip = (id: LoginId, reason: string) => {
    logins++;
    count(skipped, reason, { reason, count: 0, logins: [] }, id);
  };

  return {
    /** One of which nothing can be told. */
    skip,
    add(
      id: LoginId,
      {
        deps,
        before,
        now,
        ends,
      }: {
        deps: { findAllowedUrl: FindAllowedUrl };
        before: Replayed;
        now: Replayed;
        /** By what each is refused at a good end, which a play does not come to. */
        ends: { before: Failure | null; now: Failure | null };
      },
    ) {
      const { open } = now;
      if (
        open &&
        open.op !== 'step' &&
        !isDeepStrictEqual(describeOpen(open), before.open && describeOpen(before.open))
      ) {
        return skip(id, `It never asked ${open.op} so, and nobody can tell what the answer would have been.`);
      }
      const was = summarise(before, deps, ends.before);
      const is = summarise(now, deps, ends.now);
      if (isDeepStrictEqual(was, is)) {
        logins++;
        unchanged++;
        return;
      }
      logins++;
      const differing = (['acr', 'effects', 'claims'] as const).filter(
        (name) => !isDeepStrictEqual(was[name], is[name]),
      );
      const more = was.label === is.label ? `, other ${differing.join(', ')}` : '';
      const change = { from: was.label, to: `${is.label}${more}`, count: 0, logins: [] };
      count(changes, JSON.stringify([change.from, change.to]), change, id);
    },
    sum(): Omit<WhatIfAnswer, 'tookMs'> {
      const sorted = <T extends { count: number }>(of: Map<string, T>) =>
        [...of.values()].sort((one, other) => other.count - one.count);
      return { logins, unchanged, changed: sorted(changes), notReplayable: sorted(skipped) };
    },
  };
}

const describeOpen = ({ op, args }: { op: string; args: string }) => ({ op, args });

/** What an admin would call a change of a login, and a sentence of it. */
function summarise(
  { result, journal, open }: Replayed,
  { findAllowedUrl }: { findAllowedUrl: FindAllowedUrl },
  refusal: Failure | null,
) {
  const facts = readFacts(journal);
  const passed = journal.flatMap(({ op, answer }) => {
    if (op !== 'step') return [];
    const { step, outcome } = JSON.parse(answer) as StepAnswer;
    return outcome === 'success' ? [step] : [];
  });
  const after = passed.length === 0 ? '' : ` after step ${passed.join(', ')}`;
  const amr = [...new Set(facts.passed.flatMap((one) => one.amr))];
  const failed = result.kind === 'ends' || result.kind === 'differs' ? failureOf(result, findAllowedUrl) : null;
  const failure = refusal ?? failed;
  const label = open
    ? `is asked for ${open.op === 'step' ? `step ${Number(JSON.parse(open.args)[0])}` : open.op}${after}`
    : failure
      ? `fails with ${failure.code}${after}`
      : `signs in${after}`;
  return {
    label,
    ending: failure?.ending ?? null,
    acr: failure || open ? null : grantAcr(result.state.selectedAcr, amr),
    effects: listEffects(journal),
    claims: result.state.claims,
  };
}

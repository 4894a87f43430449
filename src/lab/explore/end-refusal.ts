import type { Connection } from '../../connections/connection.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { Facts } from '../../login/facts.ts';
import { type Choice, takenOf, valuesOf } from './choices.ts';
import { hadAccountKey, mayRefuse, noteProvisioning, type Told } from './provisioning-answers.ts';
import { findNewcomer } from './provisioning-ways.ts';
import { provides } from './stated-provisioning.ts';
import type { StepAlternative } from './step-answers.ts';

/** How provisioning refuses somebody whose account nothing needed before the end. */
export interface EndRefusal {
  ref: string;
  result: 'refused' | 'failed';
  code: ErrorCode;
  /** All that it may be, the code first. */
  codes: readonly ErrorCode[];
}

/** After all questions, which are numbered from 0. */
const atEnd = -1;

/** May the login’s own end be refused by the settings of the connection? Whoever had an account before is not. */
export function findEndRefusal(
  choices: readonly Choice[],
  facts: Facts,
  connections: readonly Connection[],
): EndRefusal | null {
  const newcomer = findNewcomer(facts, connections);
  if (!newcomer || newcomer.staysWithout || !mayRefuse(newcomer.connection)) return null;
  const { ref } = newcomer;
  const values = valuesOf(choices);
  if (values.get(hadAccountKey(ref)) === true) return null;
  const hasAccount = choices.some((choice) => {
    const taken = choice.kind === 'step' ? (takenOf(choice) as StepAlternative) : null;
    if (taken?.mayProvide?.ref !== ref || taken.note || taken.told.outcome === 'abort') return false;
    return provides(taken);
  });
  const refusals = noteProvisioning(newcomer, 'refused', atEnd).list(values);
  const [{ result, code }] = refusals.map(({ value }) => value) as [Told['value']];
  if (hasAccount || !code || (result !== 'refused' && result !== 'failed')) return null;
  return { ref, result, code, codes: refusals.flatMap(({ value }) => value.code ?? []) };
}

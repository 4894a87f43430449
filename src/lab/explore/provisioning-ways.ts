import type { Question } from '../../../sandbox/protocol.ts';
import type { Connection } from '../../connections/connection.ts';
import type { StepAnswer } from '../../login/answers.ts';
import type { Facts } from '../../login/facts.ts';
import { findConnection } from '../find-connection.ts';
import { mayRefuse, type Newcomer, noteProvisioning, type ProvisionedNote } from './provisioning-answers.ts';
import type { StepAlternative, StepBasics } from './step-answers.ts';
import { lacksAccount } from './strangers.ts';

export interface ProvisioningView {
  /** Does the script look at what provisioning did? Else only what it is told by a handler makes a difference. */
  sees: boolean;
  /** What refused this person an account earlier on the path, if nothing has changed since. */
  refusal: ProvisionedNote | null;
}

/** Somebody from a connection for whom provisioning is not settled; null where there is nobody. */
export function findNewcomer(facts: Facts, connections: readonly Connection[]): Newcomer | null {
  const { subject, passed } = facts;
  if (!subject || !('federated' in subject.person) || facts.proving || facts.skipsProvisioning) return null;
  if (facts.accounts.has(subject.ref) || facts.accountless.has(subject.ref)) return null;
  const { idp } = passed.find(({ user }) => user === subject.ref)!;
  const connection = findConnection(connections, idp);
  const staysWithout = lacksAccount(subject.ref, facts);
  if (staysWithout && !connection.jit.enabled) return null;
  return { ref: subject.ref, step: subject.step, connection, staysWithout };
}

/**
 * The step's outcomes with what provisioning came to before each: it is done as soon as somebody chooses a way that needs an
 * account. Told apart only where the script can tell.
 */
export function addProvisioning(
  alternatives: readonly StepBasics[],
  { seq, handlers }: Pick<Question, 'seq' | 'handlers'>,
  newcomer: Newcomer | null,
  { sees, refusal }: ProvisioningView,
): StepAlternative[] {
  const offered = alternatives[0]?.told.offered ?? [];
  if (!newcomer || !offered.some(({ needsAccount }) => needsAccount)) {
    return alternatives.map((alternative) => withNote(alternative, null, null));
  }
  const well = noteProvisioning(newcomer, 'well', seq);
  const refused = refusal ?? noteProvisioning(newcomer, 'refused', seq);
  const needed = offered.every(({ needsAccount }) => needsAccount);
  const hasChoice = offered.length > 1;
  const isTold = refusal !== null || (handlers.includes('onFail') && mayRefuse(newcomer.connection));

  function listWays({ told: { outcome, needsAccount }, bySession }: StepBasics): (ProvisionedNote | null)[] {
    if (bySession) return [null];
    if (newcomer!.staysWithout) return needed ? [well] : sees ? [null, well] : [null];
    const done = refusal ? [] : [well];
    if (outcome === 'success' && needsAccount) return sees || refusal ? done : [null];
    if (outcome === 'fail') {
      if (sees) return [...(needed ? [] : [null]), ...done, refused];
      return [...(needed && refusal ? [] : [null]), ...(isTold ? [refused] : [])];
    }
    if (!sees) return needed && refusal && !hasChoice ? [] : [null];
    if (outcome !== 'success' && !hasChoice) return refusal ? [] : [null, well];
    return [null, ...done, refused];
  }

  return alternatives.flatMap((alternative) => {
    const ways = listWays(alternative);
    return ways.map((note) => withNote(nameWay(alternative, note, ways.length), note, well));
  });
}

function nameWay(alternative: StepBasics, note: ProvisionedNote | null, ways: number): StepBasics {
  if (ways === 1 && note?.went !== 'refused') return alternative;
  const { label } = alternative;
  if (!note) return alternative;
  return { ...alternative, label: note.went === 'well' ? `${label}, provisioned` : `${label}: no account is made` };
}

function withNote(
  alternative: StepBasics,
  note: ProvisionedNote | null,
  mayProvide: ProvisionedNote | null,
): StepAlternative {
  const { answer } = alternative;
  const provisioned = [...(note ? [note] : []), ...alternative.provisioned];
  if (note?.went !== 'refused' || alternative.told.outcome !== 'fail') {
    return { ...alternative, provisioned, note, mayProvide };
  }
  return {
    ...alternative,
    provisioned,
    note,
    mayProvide,
    answer(values) {
      const missed = answer(values) as StepAnswer & { outcome: 'fail' };
      return { ...missed, failure: { ...missed.failure, code: note.codeOf(values) ?? missed.failure.code } };
    },
  };
}

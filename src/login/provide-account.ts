import type { StepProblem } from '../authenticators/authenticator.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { type ErrorCode, isErrorCode } from '../kernel/errors.ts';
import { applyProvisioning } from '../provisioning/apply.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import type { Stores } from '../stores.ts';
import { type ProvisioningNote, provisioningOp } from './answers.ts';
import type { Facts } from './facts.ts';
import type { JournalEntry, Journals } from './journal.ts';
import type { Login } from './login.ts';
import { changeAccount } from './script-changes.ts';

export interface Provided {
  login: Login;
  /** The note that was added to the journal; null when there was nothing to do. */
  note: JournalEntry | null;
  /** Why the person may not go on; null when they may, with an account or (where JIT is off) without. */
  problem: StepProblem | null;
  /** What the person is to be asked first; then nothing has been written. */
  questions: Questions | null;
}

/**
 * Just-in-Time provisioning at the moment it is needed: account, association, attributes, what the script wrote, and the
 * journal's note are one unit, the caller's. Does nothing for people who signed in with an account here.
 */
export async function provideAccount(
  { journals, box }: { journals: Journals; box: Pick<CryptoBox, 'mac'> },
  stores: Stores,
  { login, facts, now, answers = {} }: { login: Login; facts: Facts; now: number; answers?: Answers },
): Promise<Provided> {
  const { subject } = facts;
  const nothing = { login, note: null, problem: null, questions: null };
  if (!subject || !('federated' in subject.person)) return nothing;
  if (facts.accounts.has(subject.ref) || facts.accountless.has(subject.ref)) return nothing;
  const provisioning = await applyProvisioning(stores, {
    person: subject.person.federated,
    now,
    loginId: login.id,
    skip: facts.skipsProvisioning,
    answers,
    box,
  });
  if (provisioning.result === 'asks') return { ...nothing, questions: provisioning.questions };
  const { result, userId, problem } = provisioning;
  // That the script or the connection's setting skips it was told with the step.
  if (result === 'disabled' || (result === 'skipped' && facts.skipsProvisioning)) {
    return userId ? { ...nothing, login: { ...login, userId } } : nothing;
  }
  if (userId && !problem) {
    const account = await stores.users.findById(userId);
    const writes = facts.writes.get(subject.ref) ?? [];
    const roles = facts.roleChanges.get(subject.ref) ?? [];
    const of = { loginId: login.id, applicationId: login.applicationId, now };
    if (account) await changeAccount(stores, account, { writes, roles }, of);
  }
  const answer: ProvisioningNote = { step: subject.step, provisioning };
  const note: JournalEntry = {
    op: provisioningOp,
    args: JSON.stringify([subject.step]),
    answer: JSON.stringify(answer),
    note: true,
    at: now,
    line: null,
    column: null,
    cpuUs: null,
  };
  await journals.append(stores.logins, login.id, login.cursor, note);
  const code: ErrorCode = problem && isErrorCode(problem.code) ? problem.code : 'PROVISIONING_FAILED';
  return {
    login: { ...login, cursor: login.cursor + 1, userId: userId ?? login.userId },
    note,
    problem: problem ? { code, detail: problem.detail } : null,
    questions: null,
  };
}

import type { Authenticator, Form, Settle, StepContext, StepProblem } from '../authenticators/authenticator.ts';
import { checkNewPassword } from '../directory/passwords.ts';
import { AppError } from '../kernel/errors.ts';
import type { AccountProof, Answers, Questions } from '../provisioning/provision.ts';
import type { LoginDeps } from './deps.ts';
import type { Visit } from './visit.ts';
import type { AccountWaiting } from './waiting.ts';

export type AccountVisit = Visit<AccountWaiting>;

const provers: Record<AccountProof, string> = {
  password: 'BasicAuthenticator',
  'email-code': 'email-otp-authenticator',
  totp: 'totp',
};

/** The authenticator by which somebody proves that an account is theirs, and the step as it would see it. */
export async function meetProver(
  { authenticators, database, clock }: LoginDeps,
  { login, waiting, facts, application, request, language, waited }: AccountVisit,
): Promise<{ prover: Authenticator; context: StepContext }> {
  const { questions } = waiting;
  const prover = questions.kind === 'proof' ? authenticators.find(provers[questions.by]) : null;
  if (questions.kind !== 'proof' || !prover) throw new AppError('INTERNAL', { detail: 'There is nothing to prove.' });
  const context: StepContext = {
    login: { id: login.id, request, application, expiresAt: login.expiresAt },
    seq: waiting.seq,
    step: waiting.step?.step ?? facts.subject?.step ?? 1,
    connection: null,
    user: await database.read.users.findById(questions.userId),
    subject: null,
    claimed: null,
    // What the script sets for its steps is not for the account's owner to be asked less.
    parameters: {},
    enrolment: { allowed: false },
    language,
    waited,
    now: clock.now(),
  };
  return { prover, context };
}

/** A question as it is asked first; the proof by mail sends a code. */
export async function openQuestions(deps: LoginDeps, visit: AccountVisit): Promise<Settle> {
  if (visit.waiting.questions.kind === 'profile') return async () => ({ kind: 'show', state: {} });
  const { prover, context } = await meetProver(deps, visit);
  return prover.begin(context);
}

/** The name of an attribute's field in the form. */
export function fieldOf(index: number): string {
  return `attribute${index + 1}`;
}

/** What was filled in. The password is hashed before the unit in which the account is made. */
export async function readProfile(
  { passwords }: Pick<LoginDeps, 'passwords'>,
  questions: Questions & { kind: 'profile' },
  form: Form,
): Promise<{ profile: NonNullable<Answers['profile']>; problems: StepProblem[]; values: Record<string, string> }> {
  const fields = questions.attributes.map((uri, index) => ({ uri, name: fieldOf(index) }));
  const names = [form['username'] ?? questions.username.proposed, ...Object.values(questions.known)];
  const problems = questions.password ? findPasswordFaults(form, names) : [];
  const profile = {
    username: form['username'] ?? null,
    passwordHash: questions.password && problems.length === 0 ? await passwords.hash(form['password'] ?? '') : null,
    attributes: Object.fromEntries(fields.map(({ uri, name }) => [uri, form[name] ?? ''])),
  };
  const shown = ['username', ...fields.map(({ name }) => name)];
  const values = Object.fromEntries(shown.flatMap((name) => (form[name] === undefined ? [] : [[name, form[name]]])));
  return { profile, problems, values };
}

/** @param names what the account is called, and what else of it is easily guessed */
function findPasswordFaults({ password, passwordAgain }: Form, names: readonly string[]): StepProblem[] {
  if (!password) return [{ code: 'PASSWORD_MISSING', field: 'password' }];
  try {
    checkNewPassword(password, names);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, params } = error;
    return [{ code: code === 'VALIDATION_FAILED' ? 'PASSWORD_TOO_LONG' : code, field: 'password', params }];
  }
  return password === passwordAgain ? [] : [{ code: 'PASSWORDS_DIFFER', field: 'passwordAgain' }];
}

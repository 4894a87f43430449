import type { Question } from '../../sandbox/protocol.ts';
import type { Form, StepProblem } from '../authenticators/authenticator.ts';
import { basicContext } from '../pages/basic-context.ts';
import type { Html } from '../pages/html.ts';
import { renderPassword } from '../pages/views/password.ts';
import type { Reference } from '../secrets/placeholder.ts';
import type { StepAnswer } from './answers.ts';
import { csrfToken } from './browser.ts';
import type { LoginDeps } from './deps.ts';
import type { Login } from './login.ts';
import { describeProblem } from './render.ts';
import { moveOn } from './turn.ts';
import type { Visit } from './visit.ts';
import { type ReentryWaiting, sealWaiting } from './waiting.ts';

/*
 * A script uses the password that the person typed, and the process that knew it is gone. It was never stored, so the
 * person is asked for it again; the journal stays as it is, and whoever gets the password finds out whether it is right.
 */

export type ReentryVisit = Visit<ReentryWaiting>;

/** Asks for what is forgotten, before the question that needs it is answered. */
export async function askAgain(
  deps: LoginDeps,
  at: Omit<ReentryVisit, 'waiting'>,
  { seq }: Question,
  { version }: Reference,
): Promise<{ kind: 'page'; visit: ReentryVisit }> {
  const { params } = JSON.parse(at.journal[version]?.answer ?? '{}') as Partial<StepAnswer>;
  const username = params?.['username']?.[0] ?? null;
  const problem: StepProblem = { code: 'ENTRY_FORGOTTEN', field: 'password' };
  return save(deps, at, { kind: 'reentry', seq, entry: version, username, problem });
}

export async function takeAgain(
  deps: LoginDeps,
  visit: ReentryVisit,
  form: Form,
): Promise<{ kind: 'page'; visit: ReentryVisit } | { kind: 'done'; login: Login }> {
  const { login, waiting } = visit;
  const { password } = form;
  if (!password) return save(deps, visit, { ...waiting, problem: { code: 'PASSWORD_MISSING', field: 'password' } });
  deps.typed.keep(login, waiting.entry, { password });
  return {
    kind: 'done',
    login: await deps.database.unit((stores) => moveOn(stores.logins, { ...login, waitingSealed: null })),
  };
}

async function save(
  { database, box }: LoginDeps,
  at: Omit<ReentryVisit, 'waiting'>,
  waiting: ReentryWaiting,
): Promise<{ kind: 'page'; visit: ReentryVisit }> {
  const waitingSealed = sealWaiting(box, at.login.id, waiting);
  const login = await database.unit(({ logins }) => moveOn(logins, { ...at.login, waitingSealed }));
  return { kind: 'page', visit: { ...at, login, waiting } };
}

export function renderReentry({ box }: LoginDeps, { login, language, application, waiting }: ReentryVisit): Html {
  const { username, seq, problem } = waiting;
  const context = {
    ...basicContext(language, `/login/${login.id}`),
    application: { name: application.name },
    person: username,
    csrf: csrfToken(box, login, { seq, option: null }),
    errors: [describeProblem(language, problem)],
    values: {},
  };
  const forgotUrl = `/forgot?login=${login.id}`;
  return renderPassword(context, { password: { username, forgotUrl }, connections: [], otherWay: false });
}

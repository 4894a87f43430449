import { newSecret } from '../kernel/ids.ts';
import { advance } from './advance.ts';
import { failWithPage } from './ending.ts';
import { type FinishDeps, failLogin } from './finish.ts';
import type { LoginResult, LoginStarter, SignInSilently } from './handoff.ts';
import type { Login } from './login.ts';
import { authenticatorOf, isAt, type Visit } from './visit.ts';
import { openEnding, sealEnding } from './waiting.ts';

/**
 * Runs a whole login in one go, for an application that wants its answer without a page (`prompt=none`). It is a login like
 * any other, except that no step is begun which would need the person: then it has failed.
 */
export function createSilentSignIn(deps: FinishDeps, starter: LoginStarter): SignInSilently {
  const { database, box } = deps;

  return async ({ clientId, request, browserUid }) => {
    const interactionUid = `silent ${newSecret()}`;
    const { loginId } = await starter.begin({ interactionUid, clientId, request, browserUid });
    const { logins, applications } = database.read;
    const login = (await logins.findById(loginId))!;
    const application = (await applications.findById(login.applicationId))!;
    const { flow } = (await applications.findVersion(application.id, login.version))!;
    const stand = await advance(deps, { login, flow, application, request, language: 'en' });
    if (stand.kind === 'ended') return takeResult(stand.login);
    await failLogin(deps, stand.visit.login, application, failWithPage('INTERACTION_REQUIRED'));
    return needsProof(stand.visit) ? loginRequired : interactionRequired;
  };

  /** From here on the application's side holds the result. */
  async function takeResult(login: Login): Promise<LoginResult> {
    const ending = openEnding(box, login.id, login.resultSealed!);
    const resultSealed = sealEnding(box, login.id, { kind: 'delivered', redirectTo: '', page: null });
    await database.unit(({ logins }) => logins.update({ ...login, resultSealed }));
    return 'result' in ending ? ending.result : interactionRequired;
  }

  function needsProof(visit: Visit): boolean {
    if (!isAt(visit, 'step')) return false;
    return visit.waiting.options.some((option) => authenticatorOf(option, deps.authenticators)?.proves);
  }
}

/** OpenID Connect Core 1.0, section 3.1.2.6. */
const loginRequired: LoginResult = {
  ok: false,
  error: 'login_required',
  errorDescription: 'The person has to sign in.',
};
const interactionRequired: LoginResult = {
  ok: false,
  error: 'interaction_required',
  errorDescription: 'The sign-in needs the person.',
};

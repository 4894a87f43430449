import { newSecret } from '../kernel/ids.ts';
import { advance } from './advance.ts';
import { makeCall, settleCall } from './call.ts';
import { failWithPage } from './ending.ts';
import { type FinishDeps, failLogin } from './finish.ts';
import type { LoginResult, LoginStarter, SignInSilently } from './handoff.ts';
import type { Login } from './login.ts';
import { writeCookies } from './script-cookies.ts';
import { authenticatorOf, isAt, type Visit } from './visit.ts';
import { openEnding } from './waiting.ts';

/**
 * Runs a whole login in one go, for an application that wants its answer without a page (`prompt=none`). It is a login like
 * any other, except that no step is begun which would need the person: then it has failed.
 */
export function createSilentSignIn(deps: Omit<FinishDeps, 'finisher'>, starter: LoginStarter): SignInSilently {
  return async ({ clientId, request, browserUid }) => {
    const interactionUid = `silent ${newSecret()}`;
    const { loginId } = await starter.begin({ interactionUid, clientId, request, browserUid });
    const { logins, applications } = deps.database.read;
    const login = (await logins.findById(loginId))!;
    const application = (await applications.findById(login.applicationId))!;
    const { flow } = (await applications.findVersion(application.id, login.version))!;
    let result: LoginResult | null = null;
    // There is no request to come back to: what the application gets is handed over at once.
    const finisher: FinishDeps['finisher'] = {
      async finish(_stores, _uid, given) {
        result = given;
        return { redirectTo: '' };
      },
    };
    const course = { login, flow, application, request, language: 'en', waited: { ms: 0 } } as const;
    let stand = await advance({ ...deps, finisher }, course);
    while (stand.kind === 'claimed') {
      const called = await settleCall(deps, stand.visit, await makeCall(deps, stand));
      stand = await advance({ ...deps, finisher }, { ...course, login: called });
    }
    const facts = stand.kind === 'ended' ? stand.facts : stand.visit.facts;
    const cookies = facts ? writeCookies({ ...deps, facts }) : [];
    if (stand.kind === 'ended') return { result: result ?? readResult(stand.login), cookies };
    await failLogin({ ...deps, finisher }, stand.visit.login, application, failWithPage('INTERACTION_REQUIRED'));
    return { result: needsProof(stand.visit) ? loginRequired : interactionRequired, cookies };
  };

  /** What a page would have led on with. */
  function readResult({ id, resultSealed }: Login): LoginResult {
    const ending = openEnding(deps.box, id, resultSealed!);
    return ending.kind === 'page' ? ending.result : interactionRequired;
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

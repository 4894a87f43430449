import type { Account, FindAccount, KoaContextWithOIDC } from 'oidc-provider';
import type { Application, ApplicationStore } from '../applications/application.ts';
import type { UserStore } from '../directory/user.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId, SessionId } from '../kernel/ids.ts';
import { errors } from '../kernel/oidc-provider.ts';
import { findLive } from '../sessions/find.ts';
import type { SessionStore } from '../sessions/session.ts';
import { isEndedUpstream, type UpstreamSessionStore } from '../sessions/upstream.ts';
import { toAccountClaims } from './claim-names.ts';
import { sortClaims } from './custom-claims.ts';
import { openFacts } from './keep-session.ts';
import { refuseJustUsed } from './refresh-rotation.ts';
import { openClaims, type SignIn, type SignIns } from './sign-ins.ts';

/**
 * Tells the provider who a subject is, anew for every code, refresh, id_token and userinfo: a person who was locked,
 * disabled or deleted in between is nobody. The claims of the sign-in itself stand before those of the account.
 */
export function createFindAccount({
  users,
  applications,
  sessions,
  upstreamSessions,
  signIns,
  box,
  clock,
  signInSilently,
}: {
  users: Pick<UserStore, 'findBySubject'>;
  applications: Pick<ApplicationStore, 'findByClientId'>;
  sessions: Pick<SessionStore, 'findById'>;
  upstreamSessions: Pick<UpstreamSessionStore, 'listByLogin'>;
  signIns: SignIns;
  box: CryptoBox;
  clock: Clock;
  /** Answers `prompt=none` before anybody asks who the person is. */
  signInSilently: (ctx: KoaContextWithOIDC) => Promise<void>;
}): FindAccount {
  return async (ctx, subject, token) => {
    refuseJustUsed(token as { kind: string; consumed?: unknown } | undefined, clock.now());
    if (!token) await signInSilently(ctx);
    const grantId = token && 'grantId' in token ? token.grantId : undefined;
    const login = token ? null : (signInOf(ctx.oidc.result?.login) as ToldSignIn | null);
    const signIn = grantId === undefined ? login : await signIns.find(grantId);
    if (!signIn) return undefined;
    const reliesOn = login?.session ?? null;
    if (reliesOn !== null && !(await findLive(sessions, reliesOn, clock.now()))) {
      throw new errors.LoginRequired('The session that the sign-in relied on has ended.');
    }
    if (login) {
      const people = openFacts(box, login).steps.flatMap(({ person }) =>
        'federated' in person ? [person.federated] : [],
      );
      if (await isEndedUpstream({ upstreamSessions }, login.loginId as LoginId, people)) {
        throw new errors.LoginRequired('The identity provider has signed the person out meanwhile.');
      }
    }
    const clientId = ctx.oidc.client?.clientId;
    const application = clientId === undefined ? null : await applications.findByClientId(clientId);
    const account = await findActive(users, subject, { signIn, application });
    if (account === null) {
      if (login) throw new errors.AccessDenied('The account may not sign in.');
      return undefined;
    }
    return {
      accountId: subject,
      claims: async (_use, scope) => ({
        ...sortClaims({ ...account.claims, ...openClaims(box, signIn) }, scope),
        sub: subject,
      }),
    } satisfies Account;
  };
}

/** The account's own claims; none for a person without an account, and null when the person may not sign in. */
async function findActive(
  users: Pick<UserStore, 'findBySubject'>,
  subject: string,
  { signIn, application }: { signIn: SignIn; application: Pick<Application, 'id'> | null },
): Promise<{ claims: Record<string, unknown> } | null> {
  const user = await users.findBySubject(subject);
  if (user) return user.locked || user.disabled ? null : { claims: toAccountClaims(user, application?.id ?? null) };
  return signIn.account ? null : { claims: {} };
}

/** A sign-in on its way to the application. */
interface ToldSignIn extends SignIn {
  /** The browser's session that it relied on. */
  session: SessionId | null;
  factsSealed: string;
}

/** The sign-in that a result which the finisher stored speaks of. */
export function signInOf(login: object | undefined): SignIn | null {
  return (login as SignIn | undefined) ?? null;
}

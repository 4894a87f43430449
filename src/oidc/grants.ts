import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ApplicationStore } from '../applications/application.ts';
import type { Clock } from '../kernel/clock.ts';
import { signInOf } from './accounts.ts';
import { lifetimes } from './lifetimes.ts';
import type { SignIns } from './sign-ins.ts';

type Grant = InstanceType<KoaContextWithOIDC['oidc']['provider']['Grant']>;

/**
 * Gives every finished login a grant of its own, so that ending one sign-in never ends another. Without a finished login
 * there is none, whatever the browser's session says.
 *
 * Where the application's people are asked, the grant is the one they agreed to. They are not asked again while the
 * browser's session remembers that they agreed to as much, unless the application insists with `prompt=consent`.
 */
export function createGrantLoader({
  applications,
  signIns,
  clock,
}: {
  applications: Pick<ApplicationStore, 'findByClientId'>;
  signIns: SignIns;
  clock: Clock;
}): (ctx: KoaContextWithOIDC) => Promise<Grant | undefined> {
  return async (ctx) => {
    const { oidc } = ctx;
    const login = oidc.result?.login;
    const signIn = signInOf(login);
    if (!login || !signIn || !oidc.client || !oidc.session) return undefined;

    const agreedTo = oidc.result?.consent?.grantId;
    let grant: Grant | undefined;
    if (agreedTo !== undefined) grant = await oidc.provider.Grant.find(agreedTo);
    else if (!oidc.prompts.has('consent') && (await mayPass(ctx))) {
      grant = newGrant(oidc.provider, {
        accountId: login.accountId,
        clientId: oidc.client.clientId,
        ...requested(ctx),
      });
      await grant.save();
    }
    if (!grant) return undefined;

    const { loginId, account, claimsSealed } = signIn;
    await signIns.keep(
      grant.jti,
      { loginId, account, claimsSealed },
      {
        accountId: login.accountId,
        sessionUid: isOffline(grant.getOIDCScope()) ? null : oidc.session.uid,
        expiresAt: clock.now() + grant.remainingTTL * 1000,
      },
    );
    return grant;
  };

  async function mayPass(ctx: KoaContextWithOIDC): Promise<boolean> {
    const { client, session, provider } = ctx.oidc;
    const application = await applications.findByClientId(client?.clientId ?? '');
    if (application?.consent === 'skip') return true;
    const earlierId = session?.grantIdFor(client?.clientId ?? '');
    const earlier = earlierId === undefined ? undefined : await provider.Grant.find(earlierId);
    if (!earlier || earlier.accountId !== session?.accountId) return false;
    const { scopes, claims } = requested(ctx);
    const agreed = new Set([...earlier.getOIDCScope().split(' '), ...earlier.getOIDCClaims()]);
    return [...scopes, ...claims].every((each) => agreed.has(each));
  }
}

export function newGrant(
  provider: KoaContextWithOIDC['oidc']['provider'],
  { accountId, clientId, scopes, claims }: { accountId: string; clientId: string; scopes: string[]; claims: string[] },
): Grant {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scopes);
  if (claims.length > 0) grant.addOIDCClaims(claims);
  return grant;
}

/** Seconds that a grant with this scope lives, and with it all that was given for it. */
export function grantLifetime(scope: string): number {
  return isOffline(scope) ? lifetimes.offlineSignIn : lifetimes.signIn;
}

function isOffline(scope: string): boolean {
  return scope.split(' ').includes('offline_access');
}

function requested({ oidc }: KoaContextWithOIDC): { scopes: string[]; claims: string[] } {
  return { scopes: [...oidc.requestParamOIDCScopes], claims: [...oidc.requestParamClaims] };
}

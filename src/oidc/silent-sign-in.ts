import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { errors } from '../kernel/oidc-provider.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { SignInSilently } from '../login/handoff.ts';
import { findLiveOfBrowser } from '../sessions/find.ts';
import { readRequest } from './begin-login.ts';
import { toInteractionResult } from './finish-login.ts';
import type { OidcStores } from './stores.ts';
import { findUnmetDemand, isDemanded } from './unmet-demand.ts';

/** A login that ended in an error which the application is to be told: nothing is wrong with its request. */
export class SilentRefusal extends errors.CustomOIDCProviderError {}

/**
 * Answers `prompt=none` (OpenID Connect Core 1.0, section 3.1.2.1): when the browser has a session, its login runs within
 * the request, and where it needs nobody its result is that of a person who came back from the pages. Otherwise nothing
 * happens, and the interaction policy answers `login_required`.
 * @throws OIDCProviderError with what the login ended in
 */
export function createSilentSignIn({
  database,
  box,
  clock,
  signInSilently,
}: {
  database: Database<OidcStores>;
  box: CryptoBox;
  clock: Clock;
  signInSilently: SignInSilently;
}): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async (ctx) => {
    const { oidc } = ctx;
    const { session, client } = oidc;
    if (oidc.route !== 'authorization' || !oidc.prompts.has('none') || oidc.result || !session?.accountId) return;
    const params = { ...oidc.params };
    const now = clock.now();
    if (!isDemanded(params, session.accountId) || !(await findLiveOfBrowser(database.read.sessions, session.uid, now)))
      return;

    const request = readRequest(ctx, params);
    const clientId = client?.clientId ?? '';
    const { result, cookies } = await signInSilently({ clientId, request, browserUid: session.uid });
    if (cookies.length > 0) ctx.append('set-cookie', [...cookies]);
    const told = result.ok ? (findUnmetDemand(params, Math.floor(now / 1000), result) ?? result) : result;
    if (!told.ok) throw new SilentRefusal(told.error, told.errorDescription);
    // Without a page nobody takes another person's place.
    if (told.subject !== session.accountId) throw new SilentRefusal('login_required', 'Another person signed in.');
    Object.assign(oidc, { result: toInteractionResult(box, told) });
    const { subject: accountId, authTime: loginTs, amr, acr } = told;
    session.loginAccount({ accountId, loginTs, amr, ...(acr === null ? {} : { acr }) });
  };
}

import { importJWK, type JWK, SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import { type Clock, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { newSecret } from '../kernel/ids.ts';
import type { WriteLogoutToken } from '../sessions/owed-logout.ts';
import type { SigningKeys } from './keys.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** One that was caught on its way is soon of no use. */
const lifetime = 2 * minute;

/** Writes logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4), signed as id_tokens are. */
export function createLogoutTokens({
  issuer,
  keys,
  box,
  clock,
}: {
  issuer: string;
  keys: Pick<SigningKeys, 'load'>;
  box: Pick<CryptoBox, 'mac'>;
  clock: Clock;
}): WriteLogoutToken {
  return async ({ clientId, subject, browserUid, namesSession }) => {
    const [key] = (await keys.load()).keys as [JWK & { alg: string; kid: string }];
    const now = Math.floor(clock.now() / second);
    const sid = namesSession ? { sid: sidOf(box, browserUid, clientId) } : {};
    return new SignJWT({ ...sid, events: { [event]: {} } })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
      .setIssuer(issuer)
      .setAudience(clientId)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetime / second)
      .setJti(newSecret())
      .sign(await importJWK(key, key.alg));
  };
}

/** What a browser's session is called at one application: known without a look into the session, which may be gone. */
function sidOf(box: Pick<CryptoBox, 'mac'>, browserUid: string, clientId: string): string {
  return box.mac('oidc sid', JSON.stringify([browserUid, clientId]));
}

/**
 * Makes a provider call sessions so in id_tokens, and leaves it to us to tell applications of their end: its own messages go
 * past the guard of the way out, keep the person waiting, and are sent once.
 */
export function passOwnSids(provider: Provider, box: Pick<CryptoBox, 'mac'>): void {
  const session = provider.Session.prototype as unknown as {
    uid: string;
    sidFor(clientId: string, value?: string): string | undefined;
  };
  const { sidFor } = session;
  session.sidFor = function sidForOurs(this: typeof session, clientId: string, value?: string) {
    return sidFor.call(this, clientId, value && sidOf(box, this.uid, clientId));
  };
  Object.assign(provider.Client.prototype, { backchannelLogout: async () => {} });
}

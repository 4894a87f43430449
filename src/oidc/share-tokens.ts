import type { KoaContextWithOIDC } from 'oidc-provider';
import { sharesTokensWith } from '../connections/token-sharing.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { type LoginId, newId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { openUpstream, sealUpstream } from '../sessions/upstream.ts';
import type { Durability } from './durability.ts';
import type { SignIns } from './sign-ins.ts';
import type { OidcStores } from './stores.ts';

/**
 * Puts an identity provider's access token beside ours in the answer to an authorization code, where the application asked
 * for it (`share_federated_token`) and the connection names it. It is given once, and not kept any longer.
 */
export function createTokenSharing({
  database,
  durability,
  signIns,
  box,
  clock,
}: {
  database: Database<OidcStores>;
  durability: Durability;
  signIns: SignIns;
  box: CryptoBox;
  clock: Clock;
}): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async (ctx) => {
    const { oidc } = ctx;
    const grantId = oidc.entities.AuthorizationCode?.grantId;
    if (oidc.route !== 'token' || ctx.status !== 200 || grantId === undefined) return;
    const signIn = await signIns.find(grantId);
    if (!signIn || (await database.read.upstreamSessions.listByLogin(signIn.loginId as LoginId)).length === 0) return;
    const tokens = await durability.keep(
      database.unit.early((stores) => takeTokens(stores, signIn.loginId as LoginId, oidc.client?.clientId ?? '')),
    );
    if (tokens.length > 0) ctx.body = { ...(ctx.body as object), federated_tokens: tokens };
  };

  async function takeTokens(stores: OidcStores, loginId: LoginId, clientId: string) {
    const application = await stores.applications.findByClientId(clientId);
    const tokens = [];
    for (const session of await stores.upstreamSessions.listByLogin(loginId)) {
      const { token, ...content } = openUpstream(box, session);
      if (!token) continue;
      await stores.upstreamSessions.update({
        ...session,
        contentSealed: sealUpstream(box, session, { ...content, token: null }),
      });
      const connection = await stores.connections.findById(session.connectionId);
      // Read live: what was taken back meanwhile is not given out.
      if (!connection?.enabled || !application || !sharesTokensWith(connection, application)) continue;
      const { accessToken, expiresIn, scope } = token;
      tokens.push({ idp: connection.name, tokenValidityPeriod: expiresIn, scope, accessToken });
      await stores.audit.append({
        id: newId('event'),
        at: clock.now(),
        type: 'federated-token.shared',
        actor: 'system',
        target: connection.id,
        loginId,
        reference: null,
        code: null,
        details: { connection: connection.name, application: clientId, scope },
      });
    }
    return tokens;
  }
}

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { keepSession } from '../sessions/keep.ts';
import type { SignInFacts } from '../sessions/session.ts';
import type { Durability } from './durability.ts';
import { lifetimes } from './lifetimes.ts';
import type { OidcStores } from './stores.ts';

/**
 * When a finished login has reached its browser, and so the provider's session: opens our own beside it, or lets it know of
 * one more sign-in.
 */
export function createSessionKeeper({
  database,
  durability,
  box,
  clock,
}: {
  database: Database<OidcStores>;
  durability: Durability;
  box: CryptoBox;
  clock: Clock;
}): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async ({ oidc }) => {
    const login = oidc.result?.login as ({ accountId: string } & Handed) | undefined;
    const { session, client, account } = oidc;
    // Without it the provider has let nobody in: the account was locked at the last moment, say.
    if (!login || !session || account?.accountId !== login.accountId) return;
    const { accountId: subject, loginId } = login;
    const facts = openFacts(box, login);
    const now = clock.now();
    const kept = database.unit.early(async (stores) => {
      const { applications, users } = stores;
      const application = oidc.entities.AuthorizationCode
        ? await applications.findByClientId(client?.clientId ?? '')
        : null;
      const user = login.account ? await users.findBySubject(subject) : null;
      const about = { browserUid: session.uid, subject, userId: user?.id ?? null, loginId };
      const expiresAt = now + lifetimes.session * 1000;
      await keepSession(stores, box, { ...about, applicationId: application?.id ?? null, expiresAt, facts }, now);
    });
    await durability.keep(kept);
  };
}

/** Of what the finisher stored with the login's result. */
interface Handed {
  loginId: LoginId;
  account: boolean;
  factsSealed: string;
}

export function openFacts(
  box: Pick<CryptoBox, 'open'>,
  { loginId, factsSealed }: { loginId: string; factsSealed: string },
): SignInFacts {
  return JSON.parse(box.open(factsSealed, place(loginId))) as SignInFacts;
}

const place = (loginId: string) => `sign_ins/${loginId}/facts`;

export function sealFacts(box: CryptoBox, loginId: string, facts: SignInFacts): string {
  return box.seal(JSON.stringify(facts), place(loginId));
}

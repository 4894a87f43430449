import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Durability } from './durability.ts';
import type { OidcStores } from './stores.ts';

/** What a finished login hands on to the tokens that come of it. */
export interface SignIn {
  loginId: string;
  /** Did the person have an account? Then its end is theirs too; a person without one has only `claims`. */
  account: boolean;
  /** Claims of this sign-in alone, sealed; null when there are none. */
  claimsSealed: string | null;
}

/**
 * One record per grant, which goes when the grant goes. It is all that is kept of a person without an account. Its `uid` is
 * the browser session that it ends with; a sign-in with `offline_access` ends with none.
 */
export interface SignIns {
  keep(
    grantId: string,
    signIn: SignIn,
    of: { accountId: string; sessionUid: string | null; expiresAt: number },
  ): Promise<void>;
  find(grantId: string): Promise<SignIn | null>;
}

const model = 'SignIn';

export function createSignIns({
  database,
  durability,
}: {
  database: Database<OidcStores>;
  durability: Durability;
}): SignIns {
  return {
    async keep(grantId, signIn, { accountId, sessionUid, expiresAt }) {
      const artifact = {
        model,
        id: grantId,
        payload: JSON.stringify(signIn),
        grantId,
        userCode: null,
        uid: sessionUid,
        accountId,
        expiresAt,
        consumedAt: null,
      };
      await durability.keep(database.unit.early(({ artifacts }) => artifacts.upsert(artifact)));
    },
    async find(grantId) {
      const artifact = await database.read.artifacts.find(model, grantId);
      return artifact && (JSON.parse(artifact.payload) as SignIn);
    },
  };
}

const place = (loginId: string) => `sign_ins/${loginId}/claims`;

export function sealClaims(box: CryptoBox, loginId: string, claims: Record<string, unknown>): string | null {
  return Object.keys(claims).length > 0 ? box.seal(JSON.stringify(claims), place(loginId)) : null;
}

export function openClaims(box: CryptoBox, { loginId, claimsSealed }: SignIn): Record<string, unknown> {
  return claimsSealed === null ? {} : (JSON.parse(box.open(claimsSealed, place(loginId))) as Record<string, unknown>);
}

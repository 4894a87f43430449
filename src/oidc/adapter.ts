import { hash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import { errors } from '../kernel/oidc-provider.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Artifact } from './artifact.ts';
import type { Durability } from './durability.ts';
import type { OidcStores } from './stores.ts';

/**
 * Models whose id is the secret itself (a code, a token, the session's cookie): only its SHA-256 is stored, so a copy of
 * the database signs nobody in. The ids have 256 random bits, so a plain hash does.
 */
const secretModels = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'Session']);

/** Models that end with their grant. An interaction names the grant of the session it began in, and is not among them. */
const grantModels = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

/** Stores one model of the provider's state as artifacts. */
export function createAdapter(
  model: string,
  { database, clock, durability }: { database: Database<OidcStores>; clock: Clock; durability: Durability },
): Adapter {
  const key = (id: string) => (secretModels.has(model) ? hash('sha256', id, 'base64url') : id);
  const change = <T>(work: (stores: OidcStores) => Promise<T>) => durability.keep(database.unit.early(work));

  return {
    async upsert(id, payload, expiresIn) {
      const artifact: Artifact = {
        model,
        id: key(id),
        payload: JSON.stringify(withoutSecrets(model, payload)),
        grantId: grantModels.has(model) ? (payload.grantId ?? null) : null,
        userCode: null,
        uid: model === 'Session' ? (payload.uid ?? null) : null,
        accountId: payload.accountId ?? payload.result?.login?.accountId ?? null,
        expiresAt: expiresIn === undefined ? null : clock.now() + expiresIn * 1000,
        consumedAt: null,
      };
      await change(({ artifacts }) => artifacts.upsert(artifact));
    },
    async find(id) {
      return fromArtifact(await database.read.artifacts.find(model, key(id)), clock, id);
    },
    async findByUid(uid) {
      return fromArtifact(await database.read.artifacts.findByUid(model, uid), clock);
    },
    async findByUserCode(userCode) {
      return fromArtifact(await database.read.artifacts.findByUserCode(model, userCode), clock);
    },
    async consume(id) {
      // The provider has looked before, but two requests can look at the same moment: here one of them loses.
      const first = await change(({ artifacts }) => artifacts.consume(model, key(id), clock.now()));
      if (!first) throw new errors.InvalidGrant(`${model} already used`);
    },
    async destroy(id) {
      const first = await change(({ artifacts }) => artifacts.destroy(model, key(id)));
      // A finished login goes back to its application once: two tabs that bring it at the same moment get one code.
      if (!first && model === 'Interaction') throw new errors.SessionNotFound('the authorization request is over');
    },
    async revokeByGrantId(grantId) {
      await change(({ artifacts }) => artifacts.revokeByGrantId(grantId));
    },
  };
}

function withoutSecrets(model: string, payload: AdapterPayload): AdapterPayload {
  if (secretModels.has(model)) return { ...payload, jti: undefined };
  // An interaction repeats the session's cookie, and nothing reads it.
  if (model === 'Interaction' && payload.session)
    return { ...payload, session: { ...payload.session, cookie: undefined } };
  return payload;
}

function fromArtifact(artifact: Artifact | null, clock: Clock, id?: string): AdapterPayload | undefined {
  if (!artifact || (artifact.expiresAt !== null && artifact.expiresAt <= clock.now())) return undefined;
  const payload = JSON.parse(artifact.payload) as AdapterPayload;
  return {
    ...payload,
    ...(id === undefined ? {} : { jti: id }),
    ...(artifact.consumedAt === null ? {} : { consumed: artifact.consumedAt }),
  };
}

import { importPKCS8 } from 'jose';
import * as client from 'openid-client';
import type { OidcConnection } from '../../connections/connection.ts';
import { openPrivateKey } from '../../connections/connection-keys.ts';
import { findIssuerFault } from '../../connections/issuer.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import { type Clock, hour } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { withDeadline } from '../federated/deadline.ts';
import { invalidAnswer } from '../federated/failure.ts';
import { createClientAuthentication } from './client-authentication.ts';
import { toIdpError } from './errors.ts';
import { createFailureMemory, type FailureMemory } from './failure-memory.ts';
import { createKeyRefreshes, type KeyRefreshes } from './key-refreshes.ts';

/** What is known of the connections' providers: their metadata, keys, and how we prove ourselves to them. */
export interface Providers {
  /**
   * Asks the provider itself at the first time, when the connection was changed, and once an hour.
   * @throws AppError IDP_… or EGRESS_…
   */
  get(connection: OidcConnection): Promise<client.Configuration>;
  /** The same for those whom nobody waits for: for 30 s after a failure it fails in the same way, and asks nobody. */
  getUnlessFailing(connection: OidcConnection): Promise<client.Configuration>;
  /**
   * The same as `get` for reading one answer, by the connection as it is given (it may have the client secret from before):
   * with the keys that are known, and leave to ask for new ones where the answer is signed by another.
   */
  getForAnswer(connection: OidcConnection): Promise<client.Configuration>;
  /** Keeps the keys that reading the answer has brought. */
  keepKeys(connection: OidcConnection, configuration: client.Configuration): void;
  /** The answer was signed by none of them: the next one who asks gets all fresh, as often as that may be. */
  doubtKeys(connection: OidcConnection): void;
  /** The next one who asks gets the metadata fresh: they were of no use. */
  forget(id: ConnectionId): void;
}

/** Asymmetric ones only: a provider's metadata can never talk us into `none` or a keyed hash. */
export const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** Seconds that a provider's clock may be off. */
export const clockTolerance = 60;

/** Seconds that the library leaves keys alone after asking for them, unless it takes them to be older. */
const libraryRest = 60;

/** No connection has this revision. */
const none = -1;

export interface ProvidersDeps {
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  clock: Clock;
  /** Milliseconds for asking a provider about itself, and for each request to it. */
  deadline: number;
}

export function createProviders(deps: ProvidersDeps): Providers {
  const { clock, deadline } = deps;
  const known = new Map<
    ConnectionId,
    { revision: number; until: number; configuration: Promise<client.Configuration> }
  >();
  const keys = new Map<ConnectionId, { revision: number; cache: client.ExportedJWKSCache; refreshes: KeyRefreshes }>();
  const failures = new Map<ConnectionId, { revision: number; memory: FailureMemory }>();

  function findKnown({ id, revision }: OidcConnection): Promise<client.Configuration> | null {
    const found = known.get(id);
    return found && found.revision === revision && clock.now() < found.until ? found.configuration : null;
  }

  const providers: Providers = {
    get(connection) {
      const found = findKnown(connection);
      if (found) return found;
      const entry = {
        revision: connection.revision,
        until: clock.now() + hour,
        configuration: withDeadline(discover(connection, deps), deadline),
      };
      known.set(connection.id, entry);
      entry.configuration.catch(() => {
        // A failure is told to all who waited for it and not kept.
        if (known.get(connection.id) === entry) known.delete(connection.id);
      });
      return entry.configuration;
    },
    async getUnlessFailing(connection) {
      // A sign-in may have asked with success since.
      const configuration = await findKnown(connection);
      if (configuration) return configuration;
      const found = failures.get(connection.id);
      // What an admin has changed is tried at once.
      const { memory } = found?.revision === connection.revision ? found : { memory: createFailureMemory({ clock }) };
      failures.set(connection.id, { revision: connection.revision, memory });
      return memory.run(() => providers.get(connection));
    },
    async getForAnswer(connection) {
      const metadata = (await providers.get(connection)).serverMetadata();
      const configuration = await configure(connection, metadata, deps);
      const kept = keys.get(connection.id);
      if (kept?.revision === connection.revision) {
        const uat = kept.refreshes.isLeft() ? kept.cache.uat - libraryRest : kept.cache.uat;
        client.setJwksCache(configuration, { ...kept.cache, uat });
      }
      return configuration;
    },
    keepKeys({ id, revision }, configuration) {
      const cache = client.getJwksCache(configuration);
      const before = keys.get(id);
      if (!cache || (before?.revision === revision && !isNewer(cache, before.cache))) return;
      const refreshes = before?.refreshes ?? createKeyRefreshes({ clock });
      if (before?.revision === revision && cache.uat < before.cache.uat + libraryRest) refreshes.take();
      keys.set(id, { revision, cache: structuredClone(cache), refreshes });
    },
    doubtKeys({ id }) {
      const kept = keys.get(id);
      if (kept && !kept.refreshes.take()) return;
      known.delete(id);
      if (kept) keys.set(id, { ...kept, revision: none });
    },
    forget: (id) => void known.delete(id),
  };
  return providers;
}

/** Was it asked for since? Within a second, other keys tell. */
function isNewer(one: client.ExportedJWKSCache, other: client.ExportedJWKSCache): boolean {
  return one.uat > other.uat || (one.uat === other.uat && JSON.stringify(one.jwks) !== JSON.stringify(other.jwks));
}

async function discover(connection: OidcConnection, deps: ProvidersDeps): Promise<client.Configuration> {
  const { issuer, clientId } = connection;
  // Plain http is let through to the guarded fetch, which refuses it everywhere but on a developer's machine.
  const fault = findIssuerFault(issuer, { allowHttp: true });
  if (fault !== null) throw invalidAnswer(fault);
  const discovered = await client
    .discovery(new URL(issuer), clientId, undefined, client.None(), {
      [client.customFetch]: guardFetch(deps),
      ...(isInsecure(issuer) ? { execute: [client.allowInsecureRequests] } : {}),
    })
    .catch((error: unknown) => {
      throw toIdpError(error);
    });
  const metadata = discovered.serverMetadata();
  return configure(connection, { ...metadata, ...pickAlgorithms(metadata) }, deps);
}

async function configure(
  connection: OidcConnection,
  metadata: client.ServerMetadata,
  deps: ProvidersDeps,
): Promise<client.Configuration> {
  const { box } = deps;
  const configuration = new client.Configuration(
    metadata,
    connection.clientId,
    { [client.clockTolerance]: clockTolerance },
    await createClientAuthentication(box, connection, metadata),
  );
  configuration[client.customFetch] = guardFetch(deps);
  if (isInsecure(connection.issuer)) client.allowInsecureRequests(configuration);
  // Without this the library takes an id_token's signature on trust, since it comes over TLS.
  client.enableNonRepudiationChecks(configuration);
  await enableDecryption(configuration, connection, box);
  return configuration;
}

function guardFetch({ fetch, deadline }: ProvidersDeps): client.CustomFetch {
  return (url, { method, headers, body, signal }) =>
    fetch(url, { method, headers, body: body ?? null, signal, deadline });
}

function isInsecure(issuer: string): boolean {
  return issuer.startsWith('http:');
}

/** RS256 is what a provider signs with that does not say (OpenID Connect Core 1.0, section 15.1). */
function pickAlgorithms(metadata: client.ServerMetadata): Partial<client.ServerMetadata> {
  const pick = (offered: unknown) =>
    (Array.isArray(offered) ? offered : ['RS256']).filter((one) => algorithms.includes(one));
  return {
    id_token_signing_alg_values_supported: pick(metadata.id_token_signing_alg_values_supported),
    userinfo_signing_alg_values_supported: pick(metadata.userinfo_signing_alg_values_supported),
  };
}

/** A connection with keys takes what was encrypted for any of them, so that they can be changed without a break. */
async function enableDecryption(
  configuration: client.Configuration,
  connection: OidcConnection,
  box: Pick<CryptoBox, 'open'>,
): Promise<void> {
  const keys = await Promise.all(
    connection.keys.map(async (each) => ({
      key: await importPKCS8(openPrivateKey(box, connection, each), 'RSA-OAEP-256'),
      kid: `${each.id}.enc`,
    })),
  );
  if (keys.length > 0) client.enableDecryptingResponses(configuration, undefined, ...keys);
}

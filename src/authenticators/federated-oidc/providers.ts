import * as client from 'openid-client';
import { openClientSecret } from '../../connections/client-secret.ts';
import type { Connection } from '../../connections/connection.ts';
import { findIssuerFault } from '../../connections/issuer.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import { type Clock, hour } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { withDeadline } from './deadline.ts';

/** What is known of the connections' providers: their metadata, keys, and how we prove ourselves to them. */
export interface Providers {
  /** Asks the provider itself at the first time, when the connection was changed, and once an hour. */
  get(connection: Connection): Promise<client.Configuration>;
  /** The next one who asks gets it fresh: it was of no use, or keys may have been changed. */
  forget(id: ConnectionId): void;
}

/** Asymmetric ones only: a provider's metadata can never talk us into `none` or a keyed hash. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** Seconds that a provider's clock may be off. */
const clockTolerance = 60;

export function createProviders(deps: {
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  clock: Clock;
  /** Milliseconds for asking a provider about itself, and for each request to it. */
  deadline: number;
}): Providers {
  const { clock, deadline } = deps;
  const known = new Map<
    ConnectionId,
    { revision: number; until: number; configuration: Promise<client.Configuration> }
  >();

  return {
    get(connection) {
      const found = known.get(connection.id);
      if (found && found.revision === connection.revision && clock.now() < found.until) return found.configuration;
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
    forget: (id) => void known.delete(id),
  };
}

async function discover(
  connection: Connection,
  { fetch, box, deadline }: { fetch: GuardedFetch['fetch']; box: Pick<CryptoBox, 'open'>; deadline: number },
): Promise<client.Configuration> {
  const { issuer, clientId } = connection;
  // Plain http is let through to the guarded fetch, which refuses it everywhere but on a developer's machine.
  const fault = findIssuerFault(issuer, { allowHttp: true });
  if (fault !== null) throw new AppError('IDP_ANSWER_INVALID', { detail: fault });
  const insecure = issuer.startsWith('http:');
  const guarded: client.CustomFetch = (url, { method, headers, body, signal }) =>
    fetch(url, { method, headers, body: body ?? null, signal, deadline });

  const discovered = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
    [client.customFetch]: guarded,
    ...(insecure ? { execute: [client.allowInsecureRequests] } : {}),
  });
  const metadata = discovered.serverMetadata();
  const secret = openClientSecret(box, connection);
  const configuration = new client.Configuration(
    { ...metadata, ...pickAlgorithms(metadata) },
    clientId,
    { [client.clockTolerance]: clockTolerance },
    secret === null ? client.None() : chooseClientAuthentication(metadata, secret),
  );
  configuration[client.customFetch] = guarded;
  if (insecure) client.allowInsecureRequests(configuration);
  // Without this the library takes an id_token's signature on trust, since it comes over TLS.
  client.enableNonRepudiationChecks(configuration);
  return configuration;
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

/** The provider's default is `client_secret_basic` (OpenID Connect Discovery 1.0, section 3). */
function chooseClientAuthentication(metadata: client.ServerMetadata, secret: string): client.ClientAuth {
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const post = offered.includes('client_secret_post') && !offered.includes('client_secret_basic');
  return post ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
}

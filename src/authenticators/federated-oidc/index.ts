import type { Connection } from '../../connections/connection.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import { type Clock, second } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Database } from '../../kernel/unit-of-work.ts';
import type { Stores } from '../../stores.ts';
import { type Authenticator, defineAuthenticator, type Form, type Settle, type StepContext } from '../authenticator.ts';
import { sendToProvider } from './begin.ts';
import { withDeadline } from './deadline.ts';
import { federatedOidcDefinition } from './definition.ts';
import { exchangeAnswer } from './exchange.ts';
import { toFailedMove } from './failure.ts';
import { createProviders } from './providers.ts';
import { settleAnswer } from './settle.ts';
import { type Away, isSameProvider, readAway } from './state.ts';

export interface FederatedOidcDeps {
  /** Without a trailing slash. */
  publicUrl: string;
  database: Pick<Database<Pick<Stores, 'logins'>>, 'read'>;
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  /** For how long a provider's metadata is kept. Tokens are checked against the system's own time. */
  clock: Clock;
  /** Milliseconds for everything that one page of the person waits for. Default 8 s. */
  deadline?: number;
}

/**
 * Signs people in through an OpenID provider (code flow, PKCE, nonce, verified signature). One authenticator serves all
 * connections of type `oidc`; scripts see it under the name of the connection's preset.
 *
 * The provider answers at `<publicUrl>/login/callback`; the `state` in its answer, hashed, leads to login and step.
 */
export function createFederatedOidc(deps: FederatedOidcDeps): Authenticator {
  const { database, deadline = 8 * second } = deps;
  const providers = createProviders({ ...deps, deadline });
  const redirectUri = `${deps.publicUrl}/login/callback`;
  const exchanges = new Map<string, ReturnType<typeof exchange>>();

  async function begin(context: StepContext): Promise<Settle> {
    const connection = getConnection(context);
    try {
      const configuration = await providers.get(connection);
      return await sendToProvider({ configuration, redirectUri }, context, connection);
    } catch (error) {
      providers.forget(connection.id);
      const move = toFailedMove(error, connection);
      return async () => move;
    }
  }

  async function exchange(connection: Connection, away: Away, query: Form) {
    try {
      const answer = exchangeAnswer({ providers, redirectUri }, { connection, away, query });
      return { person: await withDeadline(answer, deadline) };
    } catch (error) {
      return { move: toFailedMove(error, connection) };
    }
  }

  /** A code counts once at the provider: an answer that is delivered twice at a time is exchanged once. */
  function exchangeOnce(connection: Connection, away: Away, query: Form) {
    const running = exchanges.get(away.stateHash);
    if (running) return running;
    const started = exchange(connection, away, query).finally(() => exchanges.delete(away.stateHash));
    exchanges.set(away.stateHash, started);
    return started;
  }

  return defineAuthenticator({
    ...federatedOidcDefinition,
    begin,
    /** There is no form of its own: whoever answers wants to be sent there again. */
    answer: begin,

    async resume(context, state, query) {
      const connection = getConnection(context);
      const away = readAway(state);
      if (sha256(query['state'] ?? '') !== away.stateHash) {
        throw new AppError('STATE_INVALID', { detail: 'The step waits for another answer.' });
      }
      if ((await database.read.logins.findFederationState(away.stateHash)) === null) {
        throw new AppError('STATE_INVALID', { detail: 'The state was used before.' });
      }
      // A connection that leads elsewhere by now must not get the code; the unit refuses it with the reason.
      const outcome =
        connection.enabled && isSameProvider(connection, away)
          ? await exchangeOnce(connection, away, query)
          : { move: { kind: 'failed', problem: { code: 'CONNECTION_DISABLED' } } as const };
      const waiting = { loginId: context.login.id, seq: context.seq, now: context.now };
      return settleAnswer({ waiting, away, outcome });
    },

    view: () => ({ view: 'choose', model: {} }),
  });
}

function getConnection({ connection }: StepContext): Connection {
  if (!connection) throw new AppError('INTERNAL', { detail: 'A federated step was begun without a connection.' });
  return connection;
}

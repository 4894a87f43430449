import { type Answer, openAnswer } from '../../connections/answer.ts';
import type { Connection, ConnectionType } from '../../connections/connection.ts';
import { issuerOf } from '../../connections/issuer.ts';
import { callbackPath, sharedCallbackPath } from '../../connections/urls.ts';
import { hour, second } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import { newId, newSecret } from '../../kernel/ids.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Database } from '../../kernel/unit-of-work.ts';
import type { Stores } from '../../stores.ts';
import {
  type Authenticator,
  defineAuthenticator,
  type FederatedPerson,
  type Move,
  type Settle,
  type StepContext,
  type Waited,
} from '../authenticator.ts';
import { type Away, describeProvider, isSameProvider, keepAway, readAway } from './away.ts';
import { checkClaims } from './check-claims.ts';
import { withPageDeadline } from './deadline.ts';
import { federatedDefinition } from './definition.ts';
import { invalidAnswer, toFailedMove } from './failure.ts';
import type { FederationProtocol, Upstream } from './protocol.ts';
import { findClosed, settleAnswer } from './settle.ts';
import { asksForToken, isTokenShared, withSharedScopes } from './shared-token.ts';

export type Protocols = {
  [T in ConnectionType]: FederationProtocol<Extract<Connection, { type: T }>>;
};

export interface FederatedDeps {
  database: Pick<Database<Pick<Stores, 'logins'>>, 'read'>;
  box: Pick<CryptoBox, 'open' | 'seal'>;
  protocols: Protocols;
  /** Milliseconds for each provider that a page of the person waits for; all together a tenth more. Default 8 s. */
  deadline?: number;
}

type Outcome = { person: FederatedPerson; upstream: Upstream } | { move: Move };

/**
 * Signs people in through connections. One authenticator serves them all; what is different about OpenID Connect, OAuth 2
 * and SAML is in their protocols, and scripts see each connection under its preset's name.
 *
 * A provider answers with the `state` it was sent; hashed, that leads to login and step. The answer counts once, in the
 * browser that was sent, for the connection it was sent to.
 */
export function createFederated({ database, box, protocols, deadline = 8 * second }: FederatedDeps): Authenticator {
  const reading = new Map<string, Promise<Outcome>>();
  const protocolOf = (connection: Connection) => protocols[connection.type] as FederationProtocol;

  async function begin(context: StepContext): Promise<Settle> {
    const connection = getConnection(context);
    const { parameters, login, claimed, waited } = context;
    const asked = { ...login.request, loginHint: claimed?.identifier ?? login.request.loginHint };
    const state = newSecret();
    try {
      const departing = protocolOf(connection).depart(withSharedScopes(connection, login), {
        state,
        parameters,
        asked,
      });
      const { url, kept } = await withPageDeadline(departing, waited, deadline);
      const away = {
        stateHash: sha256(state),
        connectionId: connection.id,
        provider: describeProvider(connection),
        kept,
      };
      return leave(context, connection, away, url);
    } catch (error) {
      protocolOf(connection).forget(connection.id);
      const move = toFailedMove(error, connection);
      return async () => move;
    }
  }

  async function read(connection: Connection, away: Away, { path, form }: Answer, waited: Waited): Promise<Outcome> {
    const protocol = protocolOf(connection);
    try {
      const expected = callbackPath(connection);
      if (path !== expected) throw invalidAnswer(`It came to ${path}; answers of this connection come to ${expected}.`);
      const vouched = await withPageDeadline(protocol.read(connection, away.kept, form), waited, deadline);
      const claims = { ...vouched.claims, sub: vouched.subject };
      checkClaims(claims);
      const person = {
        connectionId: connection.id,
        issuer: issuerOf(connection),
        subject: vouched.subject,
        claims,
      };
      return { person, upstream: vouched.upstream };
    } catch (error) {
      return { move: toFailedMove(error, connection) };
    }
  }

  /** A code counts once at the provider: an answer that is delivered twice at a time is exchanged once. */
  function readOnce(connection: Connection, away: Away, answer: Answer, waited: Waited): Promise<Outcome> {
    const running = reading.get(away.stateHash);
    if (running) return running;
    const started = read(connection, away, answer, waited).finally(() => reading.delete(away.stateHash));
    reading.set(away.stateHash, started);
    return started;
  }

  return defineAuthenticator({
    ...federatedDefinition,
    begin,
    /** There is no form of its own: whoever answers wants to be sent there again. */
    answer: begin,

    async resume(context, state, query) {
      const connection = getConnection(context);
      const away = readAway(state);
      if (sha256(query['state'] ?? '') !== away.stateHash) {
        throw new AppError('STATE_INVALID', { detail: 'The step waits for another answer.' });
      }
      const known = await database.read.logins.findFederationState(away.stateHash);
      if (known === null) throw new AppError('STATE_INVALID', { detail: 'The state was used before.' });
      const { answerSealed } = known;
      const answer =
        answerSealed === null
          ? { path: sharedCallbackPath, form: query }
          : openAnswer(box, away.stateHash, answerSealed);
      // A connection that leads elsewhere by now must not get the code; the unit refuses it with the reason.
      const outcome =
        connection.enabled && isSameProvider(connection, away)
          ? await readOnce(connection, away, answer, context.waited)
          : { move: { kind: 'failed', problem: { code: 'CONNECTION_DISABLED' } } as const };
      const waiting = { loginId: context.login.id, seq: context.seq, now: context.now };
      const kept = {
        box,
        // The way back to the application outlives the login by a little.
        expiresAt: context.login.expiresAt + hour,
        sharesToken: isTokenShared(connection, context.login),
      };
      return settleAnswer({ waiting, away, outcome, kept });
    },

    view: () => ({ view: 'choose', model: {} }),
  });
}

function leave({ login, seq, now }: StepContext, connection: Connection, away: Away, url: string): Settle {
  return async ({ audit, connections, logins }) => {
    const closed = findClosed(await connections.findById(away.connectionId), away);
    if (closed) return closed;
    const { id, expiresAt } = login;
    await logins.insertFederationState({ hash: away.stateHash, loginId: id, seq, expiresAt });
    if (asksForToken(login) && !isTokenShared(connection, login)) {
      await audit.append({
        id: newId('event'),
        at: now,
        type: 'federated-token.refused',
        actor: 'system',
        target: connection.id,
        loginId: id,
        reference: null,
        code: null,
        details: { connection: connection.name, application: login.application.clientId },
      });
    }
    return { kind: 'redirect', state: keepAway(away), url };
  };
}

function getConnection({ connection }: StepContext): Connection {
  if (!connection) throw new AppError('INTERNAL', { detail: 'A federated step was begun without a connection.' });
  return connection;
}

import type { Connection } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { StepState } from '../authenticator.ts';

/** What is kept while the browser is at the provider. */
export interface Away {
  /** SHA-256 of the `state` parameter, which only the browser carries. */
  stateHash: string;
  nonce: string;
  /** PKCE (RFC 7636). */
  verifier: string;
  /** Whom we sent the person to: nobody else may answer. */
  connectionId: ConnectionId;
  issuer: string;
  clientId: string;
}

export function keepAway(away: Away): StepState {
  return { ...away };
}

/** @throws AppError STATE_INVALID when the step waits for no provider */
export function readAway(state: StepState): Away {
  if (typeof state['stateHash'] !== 'string') {
    throw new AppError('STATE_INVALID', { detail: 'The step does not wait for an identity provider.' });
  }
  return state as unknown as Away;
}

/** Is the connection, as it is now, still the one that the person was sent to? */
export function isSameProvider(
  connection: Pick<Connection, 'id' | 'issuer' | 'clientId'>,
  { connectionId, issuer, clientId }: Pick<Away, 'connectionId' | 'issuer' | 'clientId'>,
): boolean {
  return connection.id === connectionId && connection.issuer === issuer && connection.clientId === clientId;
}

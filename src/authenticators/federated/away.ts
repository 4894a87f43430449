import type { Connection } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { StepState } from '../authenticator.ts';

/** What is kept while the browser is at the provider. */
export interface Away {
  /** SHA-256 of the `state` parameter, which only the browser carries. */
  stateHash: string;
  /** Whom we sent the person to: nobody else may answer. */
  connectionId: ConnectionId;
  provider: string;
  /** The protocol's own. */
  kept: StepState;
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
export function isSameProvider(connection: Connection, away: Pick<Away, 'connectionId' | 'provider'>): boolean {
  return connection.id === away.connectionId && describeProvider(connection) === away.provider;
}

/** Who is at the other end, and as whom we go there. */
export function describeProvider(connection: Connection): string {
  switch (connection.type) {
    case 'oidc':
      return JSON.stringify(['oidc', connection.issuer, connection.clientId]);
    case 'oauth2':
      return JSON.stringify(['oauth2', connection.tokenEndpoint, connection.userinfoEndpoint, connection.clientId]);
    case 'saml':
      return JSON.stringify(['saml', connection.issuer, connection.ssoUrl]);
  }
}

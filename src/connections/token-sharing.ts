import type { Connection } from './connection.ts';

/**
 * May the application get the connection's access token? Only one that the connection names, and that proves itself when it
 * redeems a code: a public client is refused even where it is named.
 */
export function sharesTokensWith(
  connection: Connection,
  { clientId, clientType }: { clientId: string; clientType: 'public' | 'confidential' },
): boolean {
  if (connection.type === 'saml' || clientType !== 'confidential') return false;
  return connection.sharesTokens.applications.includes(clientId);
}

import type { Connection } from '../connections/connection.ts';
import { authenticatorName } from '../connections/presets.ts';
import type { Stores } from '../stores.ts';
import type { Knowledge } from '../validator/knowledge.ts';
import type { AdminDeps } from './deps.ts';
import { listAll } from './paging.ts';

type Known = Pick<AdminDeps, 'authenticators' | 'unavailableAuthenticators' | 'knownFunctions'>;

/** What this server has now, to check flows against. */
export async function readKnowledge(
  { authenticators, unavailableAuthenticators, knownFunctions }: Known,
  stores: Pick<Stores, 'connections'>,
): Promise<Knowledge> {
  const connections = await listAll((page) => stores.connections.list(page));
  return {
    authenticators,
    unavailableAuthenticators,
    functions: knownFunctions,
    connections: connections.map(toKnown),
  };
}

export function toKnown({ name, preset, enabled, jit }: Connection): NonNullable<Knowledge['connections']>[number] {
  return { name, authenticator: authenticatorName({ preset }), enabled, jitEnabled: jit.enabled };
}

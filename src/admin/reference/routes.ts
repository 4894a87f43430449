import type { AdminDeps } from '../deps.ts';
import type { AdminServer } from '../server.ts';

/** `/api/openapi.json` and the page made from it. */
export async function addReference(server: AdminServer, _deps: Pick<AdminDeps, 'settings'>): Promise<void> {
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}

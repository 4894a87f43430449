import { readFile } from 'node:fs/promises';
import type { ScriptReference } from '../../script-api/reference.ts';
import { apiDescription } from '../openapi.ts';
import type { AdminServer } from '../server.ts';
import { readOperations } from './model.ts';
import { referencePage } from './page.ts';
import { scriptPage } from './script-page.ts';

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `/api/openapi.json`, `/api/docs` made from it, and `/api/docs/scripts`. They are for everybody: they say nothing of this
 * installation.
 */
export async function addReference(server: AdminServer, scripts: ScriptReference): Promise<void> {
  const shared = new URL('../../pages/public/', import.meta.url);
  const [tokens, own, logo] = await Promise.all([
    readFile(new URL('tokens.css', shared), 'utf8'),
    readFile(new URL('reference.css', import.meta.url), 'utf8'),
    readFile(new URL('logo.svg', shared), 'utf8'),
  ]);
  const hidden = { schema: { hide: true } } as const;
  // The routes do not change once the server answers, so neither does a page.
  let page: string | null = null;
  let pageOfScripts: string | null = null;

  server.get('/openapi.json', hidden, async () => server.swagger());

  server.get('/docs', hidden, async (_request, reply) => {
    page ??= String(referencePage({ operations: readOperations(server.swagger()), about: apiDescription }));
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page);
  });
  server.get('/docs/scripts', hidden, (_request, reply) => {
    pageOfScripts ??= String(scriptPage(scripts));
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(pageOfScripts);
  });
  server.get('/docs/reference.css', hidden, (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/css; charset=utf-8')
      .send(tokens + own),
  );
  server.get('/docs/logo.svg', hidden, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').type('image/svg+xml').send(logo),
  );
  server.get('/', hidden, (_request, reply) => reply.redirect('/api/docs', 302));
}

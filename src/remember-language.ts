import type {} from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { findLanguage, languageCookie } from './kernel/languages.ts';

/** In seconds: a year. */
const maxAge = 31_536_000;

/**
 * The links to other languages at the foot of each page carry `ui_locales`. Who followed one gets that language from then
 * on, on every page and in every mail. Under `/oidc` the same parameter is the application's wish, and is not kept.
 */
export function rememberLanguage(server: FastifyInstance, { secure }: { secure: boolean }): void {
  server.addHook('onRequest', async (request, reply) => {
    const { ui_locales: asked } = request.query as Record<string, unknown>;
    if (request.method !== 'GET' || typeof asked !== 'string' || request.url.startsWith('/oidc/')) return;
    const language = findLanguage(asked);
    if (language)
      reply.setCookie(languageCookie, language, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge });
  });
}

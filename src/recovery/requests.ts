import type {} from '@fastify/cookie';
import type { FastifyRequest, RouteShorthandOptions } from 'fastify';
import { type Language, languageCookie, pickLanguage } from '../kernel/languages.ts';

/** Requests of a route with these options are logged without their query, errors included. */
export const withoutQuery = {
  childLoggerFactory: (logger, bindings, options) =>
    logger.child(bindings, {
      ...options,
      serializers: {
        ...options.serializers,
        req: ({ method, url, ip }: FastifyRequest) => ({ method, url: url.split('?', 1)[0], remoteAddress: ip }),
      },
    }),
} as const satisfies RouteShorthandOptions;

/** A field of a form or query; of one that came twice, nothing. */
export function readField(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return undefined;
  const value: unknown = (fields as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

export function languageOf(request: FastifyRequest): Language {
  return pickLanguage({
    uiLocales: readField(request.query, 'ui_locales') ?? request.cookies[languageCookie],
    acceptLanguage: request.headers['accept-language'],
  });
}

/** Back to the sign-in that the person came from, if it is named. */
export function signInUrlOf(request: FastifyRequest): string | null {
  const login = readField(request.query, 'login');
  return login !== undefined && /^login_[\w-]{1,64}$/.test(login) ? `/login/${login}` : null;
}

/** The request's path with the parts of its query that stay from page to page, and some more. */
export function withQuery(request: FastifyRequest, more: Record<string, string>): string {
  const query = new URLSearchParams();
  for (const name of ['token', 'login', 'ui_locales']) {
    const value = readField(request.query, name);
    if (value !== undefined) query.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  const path = request.url.split('?', 1)[0] ?? '/';
  return query.size === 0 ? path : `${path}?${query}`;
}

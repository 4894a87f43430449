import { timingSafeEqual } from 'node:crypto';
import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { newSecret } from '../kernel/ids.ts';

/**
 * Forms that belong to no login carry a token bound to a cookie of the browser and to the one form: a keyed hash of both.
 * Another site can make a browser send the cookie, but cannot know the token.
 */
export interface FormTokens {
  /** The token for a form on the page of this answer; gives the browser its cookie when it has none. */
  issue(request: FastifyRequest, reply: FastifyReply, form: string): string;
  /** Does the token belong to this browser and form? */
  matches(request: FastifyRequest, form: string, token: string | undefined): boolean;
}

/** @param secure is the server reached by https? */
export function createFormTokens({ box, secure }: { box: CryptoBox; secure: boolean }): FormTokens {
  const name = secure ? '__Host-sg_form' : 'sg_form';
  const tokenOf = (secret: string, form: string) => box.mac('form-token', `${secret}:${form}`);
  const findSecret = (request: FastifyRequest) => {
    const value = request.cookies[name];
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
  };

  return {
    issue(request, reply, form) {
      let secret = findSecret(request);
      if (secret === null) {
        secret = newSecret();
        reply.setCookie(name, secret, { path: '/', httpOnly: true, sameSite: 'lax', secure });
      }
      return tokenOf(secret, form);
    },
    matches(request, form, token) {
      const secret = findSecret(request);
      if (secret === null || token === undefined) return false;
      const expected = Buffer.from(tokenOf(secret, form));
      const given = Buffer.from(token);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}

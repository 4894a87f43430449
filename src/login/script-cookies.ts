import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { cookieLimits, readCookie, type ScriptCookie } from '../script-api/cookie.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Cookies } from '../script-api/world.ts';
import type { Facts } from './facts.ts';

/*
 * How values travel: plain ones as they are, signed ones as `s1.<content>.<keyed hash>`, encrypted ones as `e1.<sealed>`, and
 * plain ones that look like one of these with `p1.` before them. Hash and seal are bound to the cookie's name, so a value
 * that is put under another name is worth nothing.
 */

/** What a signed or encrypted cookie holds: its value, when it is over, and whether it was to be signed. */
interface Content {
  value: string;
  expiresAt: number | null;
  signed: boolean;
}

/** A script's cookies: what the browser brought, and what it is to be given. */
export function createCookies({
  facts,
  box,
  publicUrl,
  now,
}: {
  facts: Facts;
  box: CryptoBox;
  publicUrl: string;
  now: number;
}): Cookies {
  return {
    // The journal's entry is the cookie: the next response reads it there.
    async set(cookie) {
      const lines = [...writeCookies({ facts, box, publicUrl }), writeCookie(box, publicUrl, cookie, now)];
      const { value: most } = cookieLimits.all;
      if (Buffer.byteLength(lines.join()) > most) {
        throw new ScriptCallError(`setCookie: the cookies of a sign-in must have at most ${most} bytes together.`);
      }
    },
    async get(name, { decrypt, validateSignature }) {
      const { cookies } = facts.start.asked;
      const text = Object.hasOwn(cookies, name) ? cookies[name]! : null;
      if (text === null) return null;
      const content = readValue(box, name, text);
      if (content === null || (content.expiresAt !== null && content.expiresAt <= now)) return null;
      if (content.encrypted !== decrypt || (validateSignature && !content.proven)) return null;
      return content.value;
    },
  };
}

/** The Set-Cookie headers of what a login's script has set so far. */
export function writeCookies({ facts, box, publicUrl }: { facts: Facts; box: CryptoBox; publicUrl: string }): string[] {
  return facts.cookies.map(({ args, at }) => {
    const [, name, value, options] = JSON.parse(args) as [unknown, string, string, Record<string, unknown>?];
    return writeCookie(box, publicUrl, readCookie(String(name), String(value), options ?? {}), at);
  });
}

function writeCookie(box: CryptoBox, publicUrl: string, cookie: ScriptCookie, at: number): string {
  const { name, domain, path, maxAge, httpOnly, sameSite } = cookie;
  const { protocol, hostname } = new URL(publicUrl);
  if (domain !== null && !isOwnDomain(domain, hostname)) {
    throw new ScriptCallError(
      `setCookie: domain must be ${hostname} or a domain that it is in, and «${domain}» was given.`,
    );
  }
  const secure = cookie.secure ?? (protocol === 'https:' || sameSite === 'None');
  return [
    `${name}=${encodeURIComponent(writeValue(box, cookie, at))}`,
    `Path=${path}`,
    ...(domain === null ? [] : [`Domain=${domain}`]),
    ...(maxAge === null ? [] : [`Max-Age=${maxAge}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite}`,
  ].join('; ');
}

function isOwnDomain(domain: string, hostname: string): boolean {
  if (domain === hostname) return true;
  return isIP(hostname) === 0 && domain.includes('.') && hostname.endsWith(`.${domain}`);
}

function writeValue(box: CryptoBox, { name, value, sign, encrypt, maxAge }: ScriptCookie, at: number): string {
  const expiresAt = maxAge === null ? null : at + maxAge * second;
  const content = JSON.stringify({ value, expiresAt, signed: sign } satisfies Content);
  if (encrypt) return `e1.${box.seal(content, place(name))}`;
  if (!sign) return /^[sep]1\./.test(value) ? `p1.${value}` : value;
  const text = Buffer.from(content).toString('base64url');
  return `s1.${text}.${box.mac('script-cookie', `${name}\n${text}`)}`;
}

const place = (name: string) => `script-cookies/${name}`;

function readValue(
  box: CryptoBox,
  name: string,
  text: string,
): { value: string; expiresAt: number | null; encrypted: boolean; proven: boolean } | null {
  const [kind = '', ...rest] = text.split('.');
  try {
    switch (kind) {
      case 'e1': {
        const { value, expiresAt, signed } = JSON.parse(box.open(rest.join('.'), place(name))) as Content;
        return { value, expiresAt, encrypted: true, proven: signed };
      }
      case 's1': {
        const [content = '', mac = ''] = rest;
        const { value, expiresAt } = JSON.parse(Buffer.from(content, 'base64url').toString()) as Content;
        const proven = same(mac, box.mac('script-cookie', `${name}\n${content}`));
        return typeof value === 'string' ? { value, expiresAt, encrypted: false, proven } : null;
      }
      default:
        return { value: kind === 'p1' ? rest.join('.') : text, expiresAt: null, encrypted: false, proven: false };
    }
  } catch {
    // Anybody can send any cookie: what does not open was never one of ours.
    return null;
  }
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

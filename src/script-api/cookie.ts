import { day, second } from '../kernel/clock.ts';
import { isOwnCookie } from '../kernel/own-cookie.ts';
import type { FunctionLimits } from './definition.ts';
import { ScriptCallError } from './read-arguments.ts';

/** A cookie that a script sets (RFC 6265bis, section 4.1). */
export interface ScriptCookie {
  name: string;
  value: string;
  /** The browser can read it and not change it unnoticed; or not even read it. */
  sign: boolean;
  encrypt: boolean;
  /** Null: of this server alone. */
  domain: string | null;
  path: string;
  /** Seconds; null: until the browser is closed. */
  maxAge: number | null;
  httpOnly: boolean;
  /** Null: when the server is reached over https. */
  secure: boolean | null;
  sameSite: 'Strict' | 'Lax' | 'None';
}

export const cookieLimits = {
  name: { value: 100, unit: 'characters', summary: 'Of the name; a longer one is a wrong call.' },
  cookie: {
    value: 4096,
    unit: 'bytes',
    summary: 'Of name and value together in UTF-8, which is what browsers keep; more is a wrong call.',
  },
  path: { value: 200, unit: 'characters', summary: 'Of the path; a longer one is a wrong call.' },
  domain: { value: 253, unit: 'characters', summary: 'Of the domain (RFC 1035, section 2.3.4); a longer one is none.' },
  age: { value: (400 * day) / second, unit: 's', summary: 'Of the max-age; a longer one counts as this.' },
  all: {
    value: 8192,
    unit: 'bytes',
    // Headers beyond this are refused by servers and proxies on the way.
    summary:
      'Of all cookies of a sign-in as they are sent, with what signing and encrypting add; more is a wrong call.',
  },
} as const satisfies FunctionLimits;

const cookieName = /^[\w!#$%&'*+.^`|~-]+$/;
const pathOfCookie = /^\/[\x21-\x3a\x3c-\x7e]*$/;
const hostName = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

/** @throws ScriptCallError for what no browser would keep, and for names of our own cookies */
export function readCookie(name: string, value: string, options: Record<string, unknown> = {}): ScriptCookie {
  const { name: nameLimit, cookie: cookieLimit } = cookieLimits;
  if (!cookieName.test(name) || name.length > nameLimit.value) throw wrong('name must be a cookie’s name', name);
  if (isOwnCookie(name)) throw wrong('name must not be one of the server’s own cookies (sg_…)', name);
  if (Buffer.byteLength(name + value) > cookieLimit.value) {
    throw wrong(`name and value must have at most ${cookieLimit.value} bytes together`, `${value.slice(0, 20)}…`);
  }
  checkNames('setCookie', options, known);
  const age = options['max-age'] ?? options['maxAge'];
  const cookie: ScriptCookie = {
    name,
    value,
    sign: readFlag('sign', options['sign']) ?? false,
    encrypt: readFlag('encrypt', options['encrypt']) ?? false,
    domain: readDomain(options['domain']),
    path: readPath(options['path']),
    maxAge: age === undefined || age === null ? null : readAge(age),
    httpOnly: readFlag('httpOnly', options['httpOnly']) ?? true,
    secure: readFlag('secure', options['secure']),
    sameSite: readSameSite(options['sameSite']),
  };
  if (cookie.sameSite === 'None' && cookie.secure === false) throw wrong('sameSite None needs secure', 'secure: false');
  return cookie;
}

/** The last two are taken and mean nothing: browsers have forgotten them. */
const known = new Set('sign encrypt domain path max-age maxAge httpOnly secure sameSite comment version'.split(' '));

/** What getCookieValue demands of a cookie. @throws ScriptCallError */
export function readDemand(options: Record<string, unknown> = {}): { decrypt: boolean; validateSignature: boolean } {
  checkNames('getCookieValue', options, demands);
  const read = (name: string) => readFlag(name, options[name], 'getCookieValue') ?? false;
  return { decrypt: read('decrypt'), validateSignature: read('validateSignature') };
}

const demands = new Set(['decrypt', 'validateSignature']);

/** A name that nobody reads was meant to protect the cookie. */
function checkNames(fn: string, options: Record<string, unknown>, names: ReadonlySet<string>): void {
  const odd = Object.keys(options).find((name) => !names.has(name));
  if (odd !== undefined) throw wrong(`options has ${[...names].join(', ')}`, odd, fn);
}

function readFlag(name: string, given: unknown, fn?: string): boolean | null {
  if (given === undefined || given === null) return null;
  if (given === true || given === 'true') return true;
  if (given === false || given === 'false') return false;
  throw wrong(`${name} must be true or false`, given, fn);
}

function readDomain(given: unknown): string | null {
  if (given === undefined || given === null || given === '') return null;
  const domain = typeof given === 'string' ? given.toLowerCase().replace(/^\./, '') : '';
  if (hostName.test(domain) && domain.length <= cookieLimits.domain.value) return domain;
  throw wrong('domain must be the name of a host', given);
}

function readPath(given: unknown): string {
  if (given === undefined || given === null || given === '') return '/';
  if (typeof given === 'string' && pathOfCookie.test(given) && given.length <= cookieLimits.path.value) return given;
  throw wrong(`path must begin with a slash and have at most ${cookieLimits.path.value} characters`, given);
}

function readAge(given: unknown): number {
  const age = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof age === 'number' && Number.isInteger(age)) return Math.min(Math.max(age, 0), cookieLimits.age.value);
  throw wrong('max-age must be a number of seconds', given);
}

function readSameSite(given: unknown): ScriptCookie['sameSite'] {
  if (given === undefined || given === null) return 'Lax';
  const name = typeof given === 'string' ? given.toLowerCase() : null;
  const found = (['Strict', 'Lax', 'None'] as const).find((one) => one.toLowerCase() === name);
  if (found) return found;
  throw wrong('sameSite must be Strict, Lax or None', given);
}

function wrong(rule: string, found: unknown, fn = 'setCookie'): ScriptCallError {
  const text = JSON.stringify(found) ?? String(found);
  return new ScriptCallError(`${fn}: ${rule}, and ${text.slice(0, 80)} was given.`);
}

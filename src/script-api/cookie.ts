import { isOwnCookie } from '../kernel/own-cookie.ts';
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

/** Bytes, of name and value together: what browsers keep. */
const longestCookie = 4096;
const longestAge = 400 * 24 * 60 * 60;

/** @throws ScriptCallError for what no browser would keep, and for names of our own cookies */
export function readCookie(name: string, value: string, options: Record<string, unknown> = {}): ScriptCookie {
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) throw wrong('name must be a cookie’s name', name);
  if (isOwnCookie(name)) throw wrong('name must not be one of the server’s own cookies (sg_…)', name);
  if (Buffer.byteLength(name + value) > longestCookie) {
    throw wrong(`name and value must have at most ${longestCookie} bytes together`, `${value.slice(0, 20)}…`);
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
  if (/^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(domain)) return domain;
  throw wrong('domain must be the name of a host', given);
}

function readPath(given: unknown): string {
  if (given === undefined || given === null || given === '') return '/';
  if (typeof given === 'string' && /^\/[\x21-\x3a\x3c-\x7e]{0,200}$/.test(given)) return given;
  throw wrong('path must begin with a slash', given);
}

function readAge(given: unknown): number {
  const age = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof age === 'number' && Number.isInteger(age)) return Math.min(Math.max(age, 0), longestAge);
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

import { describe, expect, it } from 'vitest';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import type { Facts } from '../../src/login/facts.ts';
import { writeCookies } from '../../src/login/script-cookies.ts';

const box = createCryptoBox({ keys: new Map([['k1', Buffer.alloc(32, 1)]]), macKey: Buffer.alloc(32, 2) });

/** The header that a script's cookie with these options becomes. */
function write(publicUrl: string, options: object): string {
  const args = JSON.stringify([{ $response: true }, 'a', '1', options]);
  const facts = { cookies: [{ args, at: 0 }] } as unknown as Facts;
  return writeCookies({ facts, box, publicUrl }).join('\n');
}

const server = 'https://login.example.com';

describe('A cookie is for this server, or for a domain that it is in', () => {
  it.each([
    [server, 'login.example.com', 'login.example.com'],
    [server, 'example.com', 'example.com'],
    [server, '.Example.COM', 'example.com'],
    ['http://localhost:8080', 'localhost', 'localhost'],
    ['http://10.1.2.3', '10.1.2.3', '10.1.2.3'],
  ])('at %s it may be %s', (url, domain, written) => {
    expect(write(url, { domain, secure: false })).toBe(`a=1; Path=/; Domain=${written}; HttpOnly; SameSite=Lax`);
  });

  it.each([
    [server, 'com'],
    [server, 'ample.com'],
    [server, 'other.example.com'],
    [server, 'x.login.example.com'],
    [server, '..example.com'],
    ['http://10.1.2.3', '2.3'],
    ['http://10.1.2.3', '10.1.2.4'],
    ['http://sub.localhost', 'localhost'],
  ])('at %s it may not be %s', (url, domain) => {
    expect(() => write(url, { domain })).toThrow(/^setCookie: domain must be/);
  });
});

it.each([
  [server, {}, 'a=1; Path=/; HttpOnly; Secure; SameSite=Lax'],
  [server, { secure: false }, 'a=1; Path=/; HttpOnly; SameSite=Lax'],
  [server, { path: '', domain: '', 'max-age': null }, 'a=1; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ['http://localhost', { sameSite: 'STRICT', 'max-age': '0' }, 'a=1; Path=/; Max-Age=0; HttpOnly; SameSite=Strict'],
])('At %s a cookie with %j is «%s»', (url, options, line) => {
  expect(write(url, options)).toBe(line);
});

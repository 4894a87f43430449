import { describe, expect, it } from 'vitest';
import { readScriptHeaders } from '../../src/login/script-headers.ts';
import { ending, login, playWhole } from './world.ts';

/** Which response headers a script may set: refused in the sandbox, and left out once more by the host. */

/** How a play ends that sets them, and what the host would send of them whatever the sandbox said. */
function set(name: string, value = 'x') {
  const { result } = playWhole(
    login(`context.response.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}; executeStep(1);`),
  );
  return { ending: ending(result), sent: Object.keys(readScriptHeaders({ responseHeaders: { [name]: value } })) };
}

describe('A header that', () => {
  it.each(['X-Tenant', 'x-a', 'X-1', 'Server-Timing', 'P3P', 'X-Accelerated', 'X-Powered'])(
    'is harmless is sent: %s',
    (name) => {
      expect(set(name)).toEqual({ ending: 'success', sent: [name.toLowerCase()] });
    },
  );

  it.each([
    'Set-Cookie',
    'set-cookie2',
    'Location',
    'Content-Type',
    'Content-Length',
    'Content-Security-Policy',
    'Strict-Transport-Security',
    'Access-Control-Allow-Origin',
    'Cache-Control',
    'Clear-Site-Data',
    'Link',
    'Refresh',
    'Server',
    'Transfer-Encoding',
    'X',
    'X-',
    '',
    '__proto__',
    'X-Content-Security-Policy',
    'X-Content-Type-Options',
    'X-DNS-Prefetch-Control',
    'X-Download-Options',
    'X-Frame-Options',
    'x-frame-options',
    'X-Permitted-Cross-Domain-Policies',
    'X-Powered-By',
    'X-Sendfile',
    'X-UA-Compatible',
    'X-WebKit-CSP',
    'X-XSS-Protection',
    'X-Accel-Redirect',
    'X-Forwarded-For',
    'X-Lighttpd-Send-File',
    'X-LiteSpeed-Location',
    'X-Reproxy-URL',
  ])('is the server’s own, or a proxy’s, is refused: %s', (name) => {
    expect(set(name)).toEqual({ ending: 'SCRIPT_ERROR', sent: [] });
  });

  it.each([
    ['with a space in its name', 'X A', 'x'],
    ['with a colon in its name', 'X-A:', 'x'],
    ['with a line break in its name', 'X-A\r\nX-B', 'x'],
    ['with a letter that no header has in its name', 'X-ä', 'x'],
    ['with an underscore in its name', 'X_A', 'x'],
    ['with a line break', 'X-A', 'a\nb'],
    ['with a carriage return', 'X-A', 'a\rb'],
    ['with a control character', 'X-A', 'a\u001f'],
    ['with a tab', 'X-A', 'a\tb'],
    ['with a character beyond ASCII', 'X-A', 'grün'],
    ['with a character that cannot be seen', 'X-A', 'a\u007f'],
    ['that is too long', 'X-A', 'x'.repeat(998)],
  ])('is no header is refused: %s', (_what, name, value) => {
    expect(set(name, value)).toEqual({ ending: 'SCRIPT_ERROR', sent: [] });
  });

  it.each([
    ['of all letters that a value has', ' !"#%&()*+,-./09:;<=>?@AZ[]^_`az{|}~'],
    ['without a value', ''],
    ['as long as one may be', 'x'.repeat(997)],
  ])('is one is sent: %s', (_what, value) => {
    expect(set('X-A', value)).toEqual({ ending: 'success', sent: ['x-a'] });
  });
});

it('20 may be set, any of them again, and no other beside them', () => {
  const many = (count: number, more = '') =>
    ending(
      playWhole(
        login(
          `for (var i = 0; i < ${count}; i++) { context.response.headers['X-' + i] = 'x'; } ${more}; executeStep(1);`,
        ),
      ).result,
    );
  expect(many(20, "context.response.headers['X-0'] = 'y'")).toBe('success');
  expect(many(20, "delete context.response.headers['X-0']; context.response.headers['X-20'] = 'y'")).toBe('success');
  expect(many(21)).toBe('SCRIPT_ERROR');
});

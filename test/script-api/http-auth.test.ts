import { describe, expect, it } from 'vitest';
import { readAuthConfig } from '../../src/script-api/http/auth.ts';
import { readHttpCall } from '../../src/script-api/http/call.ts';

const basic = { username: 'u', password: 'p' };
const apikey = { apiKey: 'k', headerName: 'X-Key' };
const client = { consumerKey: 'id', consumerSecret: 's', tokenEndpoint: 'https://a.example/token' };

describe('Authentication is of the type', () => {
  it.each<[string, Record<string, unknown>, object]>([
    ['basic', basic, { type: 'basic', ...basic }],
    ['basicauth', basic, { type: 'basic', ...basic }],
    ['BasicAuth', { username: 1, password: true }, { type: 'basic', username: '1', password: 'true' }],
    ['bearer', { token: 't' }, { type: 'bearer', token: 't' }],
    ['bearertoken', { token: 't' }, { type: 'bearer', token: 't' }],
    ['apikey', apikey, { type: 'apikey', apiKey: 'k', headerName: 'x-key' }],
    ['apiKey', apikey, { type: 'apikey', apiKey: 'k', headerName: 'x-key' }],
    ['clientcredential', client, { type: 'clientcredential', ...client, scope: '' }],
    ['clientcredentials', { ...client, scope: null }, { type: 'clientcredential', ...client, scope: '' }],
    ['clientcredential', { ...client, scope: 'a b' }, { type: 'clientcredential', ...client, scope: 'a b' }],
  ])('%s with %j', (type, properties, read) => {
    expect(readAuthConfig('httpGet', { type, properties })).toEqual(read);
    expect(readAuthConfig('httpGet', { type, ...properties })).toEqual(read);
    expect(readAuthConfig('httpGet', { type, properties: null, ...properties })).toEqual(read);
  });

  const needed = {
    basic: Object.keys(basic),
    bearer: ['token'],
    apikey: Object.keys(apikey),
    clientcredential: Object.keys(client),
  };
  const all = { ...basic, token: 't', ...apikey, ...client };

  it.each(Object.entries(needed).flatMap(([type, names]) => names.map((name) => [type, name])))(
    '%s, and needs %s',
    (type, name) => {
      for (const value of [undefined, null, '', {}, []]) {
        const properties = { ...all, [name]: value };
        expect(() => readAuthConfig('httpPost', { type, properties })).toThrow(
          `httpPost: authConfig of the type ${type} must have ${name}, a text.`,
        );
      }
    },
  );

  it.each([undefined, null, '', 'digest', 7, {}, ['basic'], 'constructor', '__proto__'])('that is none: %j', (type) => {
    expect(() => readAuthConfig('httpGet', { type, ...all })).toThrow(
      /^httpGet: authConfig\.type must be basic, bearer, apikey or clientcredential, and .* was given\.$/,
    );
  });

  it.each([
    ['a header that is ours', { type: 'apikey', apiKey: 'k', headerName: 'Host' }, 'the server’s own'],
    ['a header that is none', { type: 'apikey', apiKey: 'k', headerName: 'x key' }, 'is no name of a header'],
    [
      'a token endpoint that is none',
      { type: 'clientcredential', ...client, tokenEndpoint: '/token' },
      'must be a URL',
    ],
    ['a scope that is no text', { type: 'clientcredential', ...client, scope: ['a'] }, 'must have scope, a text'],
  ])('with %s', (_what, config, says) => {
    expect(() => readAuthConfig('httpGet', config)).toThrow(says);
  });
});

describe('The URL of a call', () => {
  const read = (url: string) => readHttpCall('httpGet', { method: 'GET', url, headers: {}, authConfig: undefined });

  it.each(['https://a.example/x?y=z', 'http://127.0.0.1:1', 'HTTPS://A.example'])('may be %s', (url) => {
    expect(read(url)).toEqual({ method: 'GET', url, headers: {}, body: undefined, auth: null });
  });

  it.each(['', '/x', 'a.example', '//a.example', 'ftp://a.example', 'file:///etc/passwd', 'javascript:1', 'https://'])(
    'may not be «%s»',
    (url) => {
      expect(() => read(url)).toThrow(
        `httpGet: url must be an absolute URL with https, and ${JSON.stringify(url)} was given.`,
      );
    },
  );
});

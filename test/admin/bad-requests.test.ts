import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bad, badConnections, conn } from './bad-connections.ts';
import { aConnection, anApplication, createWorld, passwordOnly, type World } from './world.ts';

let world: World;
const ids: Record<string, string> = {};
beforeAll(async () => {
  world = await createWorld();
  const make = async (path: string, body: object) => (await world.call('POST', path, body)).body.id as string;
  ids['app'] = await make('/applications', { ...anApplication, name: 'Taken', signInFlow: passwordOnly });
  ids['public'] = await make('/applications', { ...anApplication, name: 'Public', clientType: 'public' });
  ids['conn'] = await make('/connections', { ...aConnection, name: 'My IdP' });
  ids['user'] = await make('/users', { username: 'Ann', claims: { givenname: 'Ann' } });
  await world.happened();
});
afterAll(() => world.close());

const app = (changes: object): [string, string, object] => ['POST', '/applications', { ...anApplication, ...changes }];
const user = (changes: object): [string, string, object] => ['POST', '/users', { username: 'ben', ...changes }];
const redirect = (uri: unknown) => app({ redirectUris: [uri] });
const redirectFinding: [string, string][] = [['REDIRECT_URI_INVALID', '/redirectUris/0']];
const invalid = 'VALIDATION_FAILED';

const table: Record<string, Bad[]> = {
  'content of the wrong kind': [
    ['no JSON', ['POST', '/users', '{"username":', { 'content-type': 'application/json' }], 400, invalid],
    ['nothing', ['POST', '/users', '', { 'content-type': 'application/json' }], 400, invalid],
    [
      'a form',
      ['POST', '/users', 'username=ben', { 'content-type': 'application/x-www-form-urlencoded' }],
      415,
      invalid,
    ],
    ['a list', ['POST', '/users', []], 422, invalid, [['WRONG_TYPE', '']]],
    ['null', ['POST', '/users', 'null', { 'content-type': 'application/json' }], 422, invalid, [['WRONG_TYPE', '']]],
    ['a megabyte', user({ username: 'x'.repeat(1_048_576) }), 413, invalid, [['CONTENT_TOO_LONG', '']]],
    [
      'what is in itself ten thousand times',
      [
        'POST',
        '/users',
        `{"username":"ben","claims":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
        { 'content-type': 'application/json' },
      ],
      422,
      invalid,
      [['TOO_DEEP', `/claims${'/0'.repeat(63)}`]],
    ],
    [
      'prototypes',
      ['POST', '/users', '{"username":"ben","__proto__":{"admin":true}}', { 'content-type': 'application/json' }],
      400,
      invalid,
    ],
  ],
  'unknown fields': [
    ['at the top', user({ admin: true }), 422, invalid, [['UNKNOWN_PROPERTY', '/admin']]],
    ['nested', conn({ jit: { enabled: true, linked: {} } }), 422, invalid, [['UNKNOWN_PROPERTY', '/jit/linked']]],
    [
      'in a list',
      app({ signInFlow: { steps: [{ options: [{ authenticator: 'basic' }], name: 'first' }] } }),
      422,
      invalid,
      [['UNKNOWN_PROPERTY', '/signInFlow/steps/0/name']],
    ],
    [
      'of a patch',
      ['PATCH', '/applications/APP', { clientType: 'public' }],
      422,
      invalid,
      [['UNKNOWN_PROPERTY', '/clientType']],
    ],
    ['what the server decides', app({ clientId: 'mine' }), 422, invalid, [['UNKNOWN_PROPERTY', '/clientId']]],
    ['with a slash in its name', user({ 'a/b': 1 }), 422, invalid, [['UNKNOWN_PROPERTY', '/a~1b']]],
    ['a parameter', ['GET', '/users?limitt=1'], 422, invalid, [['UNKNOWN_PROPERTY', '/limitt']]],
    [
      'in a scenario',
      ['POST', '/applications/APP/dry-run', { scenario: { step: {} } }],
      422,
      invalid,
      [['UNKNOWN_PROPERTY', '/scenario/step']],
    ],
  ],
  'wrong values': [
    ['a number for a text', user({ username: 1 }), 422, invalid, [['WRONG_TYPE', '/username']]],
    ['a text for a truth', ['PATCH', '/users/USER', { locked: 'true' }], 422, invalid, [['WRONG_TYPE', '/locked']]],
    ['not one of the list', app({ clientType: 'secret' }), 422, invalid, [['WRONG_VALUE', '/clientType']]],
    ['empty', app({ name: '' }), 422, invalid, [['WRONG_VALUE', '/name']]],
    ['spaces around', app({ name: ' Payroll' }), 422, invalid, [['WRONG_VALUE', '/name']]],
    ['too long', app({ name: 'x'.repeat(101) }), 422, invalid, [['WRONG_VALUE', '/name']]],
    [
      'missing',
      app({ redirectUris: undefined, clientType: undefined }),
      422,
      invalid,
      [
        ['REQUIRED', '/redirectUris'],
        ['REQUIRED', '/clientType'],
      ],
    ],
    ['no redirect URI', app({ redirectUris: [] }), 422, invalid, [['WRONG_VALUE', '/redirectUris']]],
    [
      'one redirect URI twice',
      app({ redirectUris: ['https://a.example/', 'https://a.example/'] }),
      422,
      invalid,
      [['WRONG_VALUE', '/redirectUris']],
    ],
    ['a page of nothing', ['GET', '/users?limit=0'], 422, invalid, [['WRONG_VALUE', '/limit']]],
    ['a page of everything', ['GET', '/users?limit=100000'], 422, invalid, [['WRONG_VALUE', '/limit']]],
    ['a parameter twice', ['GET', '/users?username=a&username=b'], 422, invalid, [['WRONG_TYPE', '/username']]],
    [
      'a version that is no number',
      ['GET', '/applications/APP/sign-in-flow/versions/first'],
      422,
      invalid,
      [['WRONG_TYPE', '/version']],
    ],
    [
      'an option that is both',
      app({ signInFlow: { steps: [{ options: [{ authenticator: 'basic', idp: 'Google' }] }] } }),
      422,
      invalid,
      [['WRONG_VALUE', '/signInFlow/steps/0/options/0']],
    ],
    [
      'an option that is nothing',
      app({ signInFlow: { steps: [{ options: [{}] }] } }),
      422,
      invalid,
      [['WRONG_VALUE', '/signInFlow/steps/0/options/0']],
    ],
    ['no steps', ['PUT', '/applications/APP/sign-in-flow', { steps: [] }], 422, invalid, [['WRONG_VALUE', '/steps']]],
    [
      'an outcome that is none',
      ['POST', '/applications/APP/dry-run', { scenario: { steps: { '1': [{ outcome: 'maybe' }] } } }],
      422,
      invalid,
      [['WRONG_VALUE', '/scenario/steps/1/0/outcome']],
    ],
    ['no scenario', ['POST', '/applications/APP/dry-run', {}], 422, invalid, [['REQUIRED', '/scenario']]],
    [
      'a dry run without any flow',
      ['POST', '/applications/PUBLIC/dry-run', { scenario: {} }],
      422,
      invalid,
      [['REQUIRED', '/steps']],
    ],
  ],
  'redirect URIs': [
    ['relative', redirect('/callback'), 422, invalid, redirectFinding],
    ['no URI', redirect('callback'), 422, invalid, redirectFinding],
    ['http', redirect('http://app.example.com/callback'), 422, invalid, redirectFinding],
    ['http on what looks like loopback', redirect('http://127.0.0.1.example.com/'), 422, invalid, redirectFinding],
    ['a fragment', redirect('https://app.example.com/#callback'), 422, invalid, redirectFinding],
    ['an empty fragment', redirect('https://app.example.com/#'), 422, invalid, redirectFinding],
    ['credentials', redirect('https://user:pass@app.example.com/'), 422, invalid, redirectFinding],
    ['a wildcard host', redirect('https://*.example.com/callback'), 422, invalid, redirectFinding],
    ['a path that browsers shorten', redirect('https://app.example.com/a/../callback'), 422, invalid, redirectFinding],
    ['a space', redirect('https://app.example.com/call back'), 422, invalid, redirectFinding],
    ['a tab that browsers drop', redirect('https://app.example.com/call\tback'), 422, invalid, redirectFinding],
    ['a backslash', redirect('https://app.example.com\\callback'), 422, invalid, redirectFinding],
    ['capital letters in the host', redirect('https://App.example.com/'), 422, invalid, redirectFinding],
    ['the port that goes without saying', redirect('https://app.example.com:443/'), 422, invalid, redirectFinding],
    ['javascript', redirect('javascript:alert(1)'), 422, invalid, redirectFinding],
    ['data', redirect('data:text/html,x'), 422, invalid, redirectFinding],
    ['a custom scheme', redirect('com.example.app:/callback'), 422, invalid, redirectFinding],
    [
      'after signing out, too',
      app({ postLogoutRedirectUris: ['http://app.example.com/'] }),
      422,
      invalid,
      [['REDIRECT_URI_INVALID', '/postLogoutRedirectUris/0']],
    ],
    ...[
      'http://app.example.com/logout',
      '/logout',
      'https://app.example.com/logout#now',
      'https://a:b@app.example.com/',
    ].map(
      (uri): Bad => [
        `as ${uri} for logouts`,
        app({ backchannelLogoutUri: uri }),
        422,
        invalid,
        [['LOGOUT_URI_INVALID', '/backchannelLogoutUri']],
      ],
    ),
    [
      'in a patch',
      ['PATCH', '/applications/APP', { redirectUris: ['https://a.example/', 'http://b.example/'] }],
      422,
      invalid,
      [['REDIRECT_URI_INVALID', '/redirectUris/1']],
    ],
  ],
  'names that are taken': [
    ['an application', app({ name: 'Taken' }), 409, 'CONFLICT', [['NAME_TAKEN', '/name']]],
    [
      'an application renamed',
      ['PATCH', '/applications/PUBLIC', { name: 'Taken' }],
      409,
      'CONFLICT',
      [['NAME_TAKEN', '/name']],
    ],
    ['a connection', conn({ name: 'My IdP' }), 409, 'CONFLICT', [['NAME_TAKEN', '/name']]],
    ['a connection: a space as underscore', conn({ name: 'My_IdP' }), 409, 'CONFLICT', [['NAME_TAKEN', '/name']]],
    ['the reserved name', conn({ name: 'LOCAL' }), 422, invalid, [['NAME_RESERVED', '/name']]],
    ['the reserved name in small letters', conn({ name: 'local' }), 422, invalid, [['NAME_RESERVED', '/name']]],
    ['a user name', user({ username: 'ANN' }), 409, 'USERNAME_TAKEN', [['USERNAME_TAKEN', '/username']]],
  ],
  ...badConnections,
  people: [
    ['a user name of nothing', user({ username: ' ' }), 422, 'USERNAME_INVALID', [['USERNAME_INVALID', '/username']]],
    [
      'a user name that lies',
      user({ username: 'pаypal' }),
      422,
      'USERNAME_INVALID',
      [['USERNAME_INVALID', '/username']],
    ],
    [
      'a password that everybody tries',
      user({ password: 'qwertyuiop' }),
      422,
      'PASSWORD_COMMON',
      [['PASSWORD_COMMON', '/password']],
    ],
    [
      'its own name as the password',
      user({ username: 'somebody@example.com', password: 'Somebody@Example.com' }),
      422,
      'PASSWORD_COMMON',
      [['PASSWORD_COMMON', '/password']],
    ],
    ['a short password', user({ password: 'short' }), 422, 'PASSWORD_TOO_SHORT', [['PASSWORD_TOO_SHORT', '/password']]],
    [
      'the user name as a claim',
      user({ claims: { username: 'x' } }),
      422,
      invalid,
      [['NO_ATTRIBUTE', '/claims/username']],
    ],
    ['a claim of nothing', user({ claims: { givenname: '' } }), 422, invalid, [['WRONG_VALUE', '/claims/givenname']]],
    [
      'an attribute proven that is not there',
      ['PATCH', '/users/USER', { verified: ['emailaddress'] }],
      422,
      invalid,
      [['NO_ATTRIBUTE', '/verified/0']],
    ],
    ['a role twice', user({ roles: ['a', 'a'] }), 422, invalid, [['WRONG_VALUE', '/roles']]],
  ],
  flows: [
    [
      'published at once with an error',
      app({ signInFlow: { ...passwordOnly, script: 'nothing();' } }),
      422,
      invalid,
      [
        ['NO_ENTRY', ''],
        ['UNREACHABLE_STEP', '/steps/0'],
        ['UNKNOWN_FUNCTION', ''],
      ],
    ],
    [
      'an unknown connection',
      app({ signInFlow: { steps: [{ options: [{ idp: 'Nowhere' }] }] } }),
      422,
      invalid,
      [['UNKNOWN_CONNECTION', '/steps/0/options/0']],
    ],
    ['a version that is not there', ['GET', '/applications/APP/sign-in-flow/versions/7'], 404, 'NOT_FOUND'],
    [
      'a version that is not there, withdrawn',
      ['POST', '/applications/APP/sign-in-flow/versions/7/withdraw'],
      404,
      'NOT_FOUND',
    ],
    ['nothing to publish', ['POST', '/applications/APP/sign-in-flow/publish'], 422, invalid, [['NO_DRAFT', '']]],
    ['a secret for a public application', ['POST', '/applications/PUBLIC/client-secret'], 422, invalid],
  ],
  'what is not there': [
    ['a user', ['GET', '/users/user_nobody'], 404, 'NOT_FOUND'],
    ['a login', ['GET', '/logins/login_none'], 404, 'NOT_FOUND'],
    ['a factor of somebody else', ['DELETE', '/users/USER/factors/factor_x'], 404, 'NOT_FOUND'],
    ['a route', ['GET', '/nothing'], 404, 'NOT_FOUND'],
    ['a method', ['PUT', '/users/USER', {}], 404, 'NOT_FOUND'],
  ],
  'what was changed meanwhile': [
    ['an old tag', ['PATCH', '/users/USER', { locked: true }, { 'if-match': '"7"' }], 412, 'CHANGED_MEANWHILE'],
    ['a weak tag', ['PATCH', '/users/USER', { locked: true }, { 'if-match': 'W/"1"' }], 412, 'CHANGED_MEANWHILE'],
    ['no tag at all', ['PATCH', '/users/USER', { locked: true }, { 'if-match': '1' }], 412, 'CHANGED_MEANWHILE'],
    ['deleting', ['DELETE', '/connections/CONN', undefined, { 'if-match': '"0"' }], 412, 'CHANGED_MEANWHILE'],
    [
      'a flow',
      ['PUT', '/applications/APP/sign-in-flow', passwordOnly, { 'if-match': '"0"' }],
      412,
      'CHANGED_MEANWHILE',
    ],
    [
      'publishing',
      ['POST', '/applications/APP/sign-in-flow/publish', {}, { 'if-match': '"0"' }],
      412,
      'CHANGED_MEANWHILE',
    ],
  ],
};

const fill = (path: string) => path.replace(/[A-Z]{3,}/, (name) => ids[name.toLowerCase()] ?? name);

describe.each(Object.entries(table))('%s', (_group, cases) => {
  test.each(cases)('%s', async (_why, [method, path, body, headers], status, code, findings) => {
    const before = await readEverything();
    const answer = await world.call(method, fill(path), body, headers);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    if (findings) {
      const found = answer.body.findings.map((one: { code: string; path?: string }) => [one.code, one.path ?? '']);
      expect(found).toEqual(findings);
    }
    // And nothing else happened.
    expect(await world.happened()).toEqual([]);
    expect(await readEverything()).toEqual(before);
    expect(world.ended).toEqual([]);
    expect(world.dryRuns).toEqual([]);
  });
});

async function readEverything() {
  const page = { after: null, limit: 100 };
  const { applications, connections, users } = world.db.read;
  return [await applications.list(page), await connections.list(page), await users.list(page)];
}

test('what the provider would refuse is refused', async () => {
  const strict = await createWorld({ deps: { findClientFault: async () => 'redirect_uris must not be odd' } });
  const answer = await strict.call('POST', '/applications', anApplication);
  expect(answer).toMatchObject({ status: 422, body: { findings: [{ code: 'CLIENT_INVALID' }] } });
  expect(await strict.happened()).toEqual([]);
  await strict.close();
});

test('a fault of our own is told by its reference alone', async () => {
  const broken = await createWorld({
    deps: {
      dryRun: async () => {
        throw new Error('secret path /srv/data');
      },
    },
  });
  const { body: made } = await broken.call('POST', '/applications', { ...anApplication, signInFlow: passwordOnly });
  const answer = await broken.call('POST', `/applications/${made.id}/dry-run`, { scenario: {} });
  expect(answer).toMatchObject({
    status: 500,
    body: { code: 'INTERNAL', reference: expect.stringMatching(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/) },
  });
  expect(JSON.stringify(answer.body)).not.toContain('/srv/data');
  expect(broken.faults).toMatchObject([
    { reference: answer.body.reference, err: { message: 'secret path /srv/data' } },
  ]);
  await broken.close();
});

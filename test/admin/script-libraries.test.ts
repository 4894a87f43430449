import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const source = 'exports.x = 1;';
const path = '/script-libraries';

/** An application whose script requires `name`, published. */
async function publish(name: string) {
  const script = `function onLoginRequest() { require('${name}'); executeStep(1); }`;
  return world.call('POST', '/applications', {
    name: `Needs ${name} ${Math.floor(world.clock.time++)}`,
    redirectUris: ['https://a.example/cb'],
    clientType: 'public',
    signInFlow: { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }], script },
  });
}

test('a library is made, read, changed in versions, and deleted, each with its event', async () => {
  const made = await world.call('POST', path, { name: 'story.js', source, note: 'first' });
  expect(made).toMatchObject({ status: 201, body: { name: 'story.js', version: 1, source, findings: [] } });
  const at = `${path}/${made.body.id}`;
  expect((await world.call('GET', at)).body).toMatchObject({ source });
  expect((await world.call('GET', path)).body.items).toMatchObject([{ name: 'story.js', version: 1 }]);

  const etag = String(made.headers['etag']);
  const changed = await world.call('PATCH', at, { source: 'exports.x = 2;', note: 'two' }, { 'if-match': etag });
  expect(changed).toMatchObject({ status: 200, body: { version: 2, revision: 2 } });
  const late = await world.call('PATCH', at, { source: 'exports.x = 3;' }, { 'if-match': etag });
  expect(late).toMatchObject({ status: 412, body: { code: 'CHANGED_MEANWHILE' } });
  // Another name alone is no version, and the same text is no change.
  expect((await world.call('PATCH', at, { name: 'renamed' })).body).toMatchObject({ version: 2, revision: 3 });
  expect((await world.call('PATCH', at, { source: 'exports.x = 2;' })).body).toMatchObject({ version: 2, revision: 3 });

  const versions = await world.call('GET', `${at}/versions`);
  expect(versions.body.items).toMatchObject([
    { version: 2, note: 'two' },
    { version: 1, note: 'first' },
  ]);
  expect((await world.call('GET', `${at}/versions/1`)).body).toMatchObject({ version: 1, source });
  expect((await world.call('GET', `${at}/versions/3`)).status).toBe(404);

  expect((await world.call('DELETE', at)).status).toBe(204);
  expect((await world.call('GET', at)).status).toBe(404);
  expect(await world.happened()).toEqual([
    'script-library.created',
    'script-library.updated',
    'script-library.updated',
    'script-library.deleted',
  ]);
  expect(JSON.stringify(await world.events())).not.toContain('exports.x');
});

test('what cannot be parsed is refused with its place, and changes nothing', async () => {
  const broken = await world.call('POST', path, { name: 'broken', source: 'var a = 1;\nexports.x = ;' });
  expect(broken.status).toBe(422);
  expect(broken.body.findings).toMatchObject([{ code: 'SCRIPT_SYNTAX', line: 2, column: 13 }]);
  const made = await world.call('POST', path, { name: 'sound', source });
  const patched = await world.call('PATCH', `${path}/${made.body.id}`, { source: '}); (function () {' });
  expect(patched.status).toBe(422);
  expect((await world.call('GET', `${path}/${made.body.id}`)).body).toMatchObject({ version: 1, source });
});

test('a library that is not there yet is a warning where another library needs it', async () => {
  const { status, body } = await world.call('POST', path, { name: 'early', source: "require('late');" });
  expect(status).toBe(201);
  expect(body.findings).toMatchObject([{ code: 'UNKNOWN_LIBRARY', severity: 'warning' }]);
  const refused = await publish('early');
  expect(refused.status).toBe(422);
  expect(refused.body.findings).toMatchObject([{ code: 'UNKNOWN_LIBRARY', severity: 'error' }]);
});

test.each([
  ['a name that is taken but for .js', { name: 'taken', source }, 409, 'CONFLICT'],
  ['a name with a slash', { name: '../x', source }, 422, 'VALIDATION_FAILED'],
  ['a name with a line end', { name: 'x\n', source }, 422, 'VALIDATION_FAILED'],
  ['no source', { name: 'x' }, 422, 'VALIDATION_FAILED'],
  ['a field that does not exist', { name: 'x', source, kind: 'prompt-template' }, 422, 'VALIDATION_FAILED'],
])('%s is refused', async (_what, body, status, code) => {
  await world.call('POST', path, { name: 'taken.js', source });
  expect(await world.call('POST', path, body)).toMatchObject({ status, body: { code } });
});

test('a flow is published with the libraries that its script may load, and keeps their versions', async () => {
  const library = await world.call('POST', path, { name: 'pinned.js', source });
  await world.call('POST', path, { name: 'unrelated', source });
  const at = `${path}/${library.body.id}`;
  const made = await publish('pinned');
  const flow = `/applications/${made.body.id}/sign-in-flow`;
  const pinned = async (version: number) => (await world.call('GET', `${flow}/versions/${version}`)).body.libraries;
  expect(await pinned(1)).toEqual([{ name: 'pinned.js', version: 1 }]);

  await world.call('PATCH', at, { source: 'exports.x = 2;' });
  expect(await pinned(1)).toEqual([{ name: 'pinned.js', version: 1 }]);
  const { steps, script } = (await world.call('GET', flow)).body.live;
  await world.call('PUT', flow, { steps, script });
  await world.call('POST', `${flow}/publish`);
  expect(await pinned(2)).toEqual([{ name: 'pinned.js', version: 2 }]);

  // An old version comes back with all that it was, even when the library is gone.
  await world.call('DELETE', at);
  expect((await world.call('POST', `${flow}/versions/1/restore`)).body).toMatchObject({ version: 3, findings: [] });
  expect(await pinned(3)).toEqual([{ name: 'pinned.js', version: 1 }]);
  const stored = await world.db.read.applications.findVersion(made.body.id, 3);
  expect(stored?.flow.libraries).toEqual([{ name: 'pinned.js', version: 1, source }]);
  await world.call('PUT', flow, { steps, script });
  expect(await world.call('POST', `${flow}/publish`)).toMatchObject({
    status: 422,
    body: { findings: [{ code: 'UNKNOWN_LIBRARY' }] },
  });
});

test('a dry run has the libraries as they are now', async () => {
  await world.call('POST', path, { name: 'tried.js', source });
  const made = await publish('tried');
  await world.call('POST', `/applications/${made.body.id}/dry-run`, { scenario: {} });
  expect(world.dryRuns.at(-1)?.flow.libraries).toEqual([{ name: 'tried.js', version: 1, source }]);
});

test('where a server is told to take longer scripts, the API takes them, whatever their letters', async () => {
  const bytes = 300_000;
  const generous = await createWorld({ environment: { STEPGATE_SCRIPT_BYTES: String(bytes) } });
  const long = (text: string) => `${text}//`.padEnd(bytes, '\u0001');
  const post = (body: string) => generous.call('POST', path, { name: 'long.js', source: body });
  const flow = { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }] };
  const make = (script: string) =>
    generous.call('POST', '/applications', {
      name: 'Long',
      redirectUris: ['https://a.example/cb'],
      clientType: 'public',
      signInFlow: { ...flow, script },
    });
  const script = long('function onLoginRequest() { executeStep(1); }');
  expect((await post(`${long(source)}x`)).body).toMatchObject({ findings: [{ code: 'SCRIPT_TOO_LONG' }] });
  expect((await make(`${script}x`)).body).toMatchObject({ findings: [{ code: 'SCRIPT_TOO_LONG' }] });
  expect(await generous.happened()).toEqual([]);
  expect(await post(long(source))).toMatchObject({ status: 201, body: { findings: [] } });
  expect(await make(script)).toMatchObject({ status: 201 });
  await generous.close();
});

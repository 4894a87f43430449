import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const path = '/prompt-templates';
const template = { title: 'Terms', buttons: [{ name: 'action.accept', label: 'I accept' }] };

test('a template is made, replaced in versions, and deleted, each with its event', async () => {
  const made = await world.call('POST', path, { name: 'story', template });
  expect(made).toMatchObject({ status: 201, body: { name: 'story', version: 1, template } });
  const at = `${path}/${made.body.id}`;
  const etag = String(made.headers['etag']);
  const next = { title: { en: 'Terms', de: 'Bedingungen' } };
  expect(await world.call('PATCH', at, { template: next, note: 'two' }, { 'if-match': etag })).toMatchObject({
    status: 200,
    body: { version: 2, template: next },
  });
  expect((await world.call('PATCH', at, { template }, { 'if-match': etag })).status).toBe(412);
  expect((await world.call('GET', at)).body.template).toEqual(next);
  expect((await world.call('GET', `${at}/versions/1`)).body.template).toEqual(template);
  expect((await world.call('GET', `${at}/versions`)).body.items).toMatchObject([{ version: 2, note: 'two' }, {}]);
  // A library's address leads to no template.
  expect((await world.call('GET', `/script-libraries/${made.body.id}`)).status).toBe(404);
  expect((await world.call('DELETE', at)).status).toBe(204);
  expect(await world.happened()).toEqual([
    'prompt-template.created',
    'prompt-template.updated',
    'prompt-template.deleted',
  ]);
});

test.each([
  ['no title', { fields: [] }, '/template'],
  ['markup in place of a list', { title: 'x', text: '<p>' }, '/template/text'],
  ['a button that is no action', { title: 'x', buttons: [{ name: 'accept', label: 'x' }] }, '/template/buttons/0/name'],
  ['a field of the page’s own', { title: 'x', fields: [{ name: 'csrf', label: 'x' }] }, '/template/fields/0/name'],
  ['a field for a password', { title: 'x', fields: [{ name: 'password', label: 'x' }] }, '/template/fields/0/name'],
  ['__proto__', { title: 'x', fields: [{ name: '__proto__', label: 'x' }] }, '/template/fields/0/name'],
  [
    'a name twice',
    {
      title: 'x',
      fields: [
        { name: 'a', label: 'x' },
        { name: 'a', label: 'y' },
      ],
    },
    '/template/fields/1/name',
  ],
  ['a script', { title: 'x', script: 'alert(1)' }, '/template/script'],
])('%s is refused at its place', async (_what, wrong, place) => {
  const { status, body } = await world.call('POST', path, { name: 'wrong', template: wrong });
  expect(status).toBe(422);
  expect(body.findings.map((finding: { path: string }) => finding.path).join()).toContain(place);
});

test('the names of the prompts that every server has are taken', async () => {
  const refused = await world.call('POST', path, { name: 'genericForm', template });
  expect(refused).toMatchObject({ status: 422, body: { findings: [{ code: 'NAME_TAKEN' }] } });
});

test('a flow is published with the templates that its script may show, and keeps their versions', async () => {
  const made = await world.call('POST', path, { name: 'pinned', template });
  await world.call('POST', path, { name: 'unrelated', template });
  const script = "function onLoginRequest() { executeStep(1); prompt('pinned', {}, {}); }";
  const signInFlow = { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }], script };
  const application = { name: 'Asks', redirectUris: ['https://a.example/cb'], clientType: 'public', signInFlow };
  const { body } = await world.call('POST', '/applications', application);
  const at = `/applications/${body.id}/sign-in-flow`;
  await world.call('PATCH', `${path}/${made.body.id}`, { template: { title: 'Other' } });
  expect((await world.call('GET', `${at}/versions/1`)).body.promptTemplates).toEqual([{ name: 'pinned', version: 1 }]);
  const stored = await world.db.read.applications.findVersion(body.id, 1);
  expect(stored?.flow.promptTemplates).toEqual([{ name: 'pinned', version: 1, template }]);

  await world.call('DELETE', `${path}/${made.body.id}`);
  expect((await world.call('POST', `${at}/versions/1/restore`)).body).toMatchObject({ version: 2, findings: [] });
  await world.call('PUT', at, signInFlow);
  expect(await world.call('POST', `${at}/publish`)).toMatchObject({
    status: 422,
    body: { findings: [{ code: 'UNKNOWN_TEMPLATE', line: 1, column: 52 }] },
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const path = '/mail-templates';
const template = { subject: 'A new device', text: ['At {ip}.'] };

test('a template is made, replaced in versions, and deleted, each with its event', async () => {
  const made = await world.call('POST', path, { name: 'story', template });
  expect(made).toMatchObject({ status: 201, body: { name: 'story', version: 1, template } });
  const at = `${path}/${made.body.id}`;
  const next = { ...template, link: { url: 'https://a.example/{username}', label: { en: 'Look', de: 'Ansehen' } } };
  expect((await world.call('PATCH', at, { template: next })).body).toMatchObject({ version: 2, template: next });
  expect((await world.call('GET', `${at}/versions/1`)).body.template).toEqual(template);
  expect((await world.call('GET', path)).body.items).toMatchObject([{ name: 'story', version: 2 }]);
  // A prompt's address leads to no mail.
  expect((await world.call('GET', `/prompt-templates/${made.body.id}`)).status).toBe(404);
  expect((await world.call('DELETE', at)).status).toBe(204);
  expect(await world.happened()).toEqual(['mail-template.created', 'mail-template.updated', 'mail-template.deleted']);
});

const linkTo = (url: string) => ({ ...template, link: { url, label: 'Look' } });

test.each([
  ['no subject', { text: ['x'] }, '/template/subject'],
  ['no text', { subject: 'x', text: [] }, '/template/text'],
  ['markup beside the text', { ...template, html: '<p>' }, '/template/html'],
  ['a receiver of its own', { ...template, to: 'all@example.com' }, '/template/to'],
  ['a link that is no web address', linkTo('javascript:alert(1)'), '/template/link/url'],
  ['a link without a host', linkTo('/path'), '/template/link/url'],
  ['a link whose host the script would choose', linkTo('https://{ip}/'), '/template/link/url'],
  ['a link with a name in it', linkTo('https://{ip}@a.example/'), '/template/link/url'],
])('%s is refused at its place', async (_what, wrong, place) => {
  const { status, body } = await world.call('POST', path, { name: 'wrong', template: wrong });
  expect(status).toBe(422);
  expect(body.findings.map((finding: { path: string }) => finding.path)).toEqual([place]);
});

test('a flow is published with the templates that its script may send, and keeps their versions', async () => {
  const made = await world.call('POST', path, { name: 'pinned', template });
  await world.call('POST', path, { name: 'unrelated', template });
  const script = `function onLoginRequest(context) {
    executeStep(1, { onSuccess: function (context) { sendEmail(context.currentKnownSubject, 'pinned', {}); } });
  }`;
  const signInFlow = { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }], script };
  const application = { name: 'Mails', redirectUris: ['https://a.example/cb'], clientType: 'public', signInFlow };
  const { body } = await world.call('POST', '/applications', application);
  const at = `/applications/${body.id}/sign-in-flow`;
  await world.call('PATCH', `${path}/${made.body.id}`, { template: { ...template, subject: 'Other' } });
  expect((await world.call('GET', `${at}/versions/1`)).body.mailTemplates).toEqual([{ name: 'pinned', version: 1 }]);
  const stored = await world.db.read.applications.findVersion(body.id, 1);
  expect(stored?.flow.mailTemplates).toEqual([{ name: 'pinned', version: 1, template }]);

  await world.call('DELETE', `${path}/${made.body.id}`);
  await world.call('PUT', at, signInFlow);
  expect(await world.call('POST', `${at}/publish`)).toMatchObject({
    status: 422,
    body: { findings: [{ code: 'UNKNOWN_TEMPLATE', line: 2, column: 93 }] },
  });
});

import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ deps: { authenticators: localDefinitions.filter(({ unavailable }) => !unavailable) } });
});
afterAll(() => world.close());

test('every script that ships can be taken as the flow of an application', async () => {
  const { body } = await world.call('GET', '/script-templates');
  const ids = (body.items as { id: string }[]).map(({ id }) => id);
  expect(ids).toEqual(readdirSync(new URL('../../scripts/', import.meta.url)));
  await world.call('POST', '/connections', {
    name: 'Google',
    type: 'oidc',
    issuer: 'https://idp.example',
    clientId: 'c',
  });
  for (const id of ids) {
    const template = await world.call('GET', `/script-templates/${id}`);
    expect(template.body).toMatchObject({ id, title: expect.stringMatching(/^[A-Z]/), about: expect.any(String) });
    const { script, steps, promptTemplates, mailTemplates } = template.body;
    for (const prompt of promptTemplates)
      expect((await world.call('POST', '/prompt-templates', prompt)).status).toBe(201);
    for (const mail of mailTemplates) expect((await world.call('POST', '/mail-templates', mail)).status).toBe(201);
    const made = await world.call('POST', '/applications', {
      name: id,
      redirectUris: ['https://app.example/callback'],
      clientType: 'public',
      signInFlow: { steps, script, scriptEnabled: true },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
  }
});

test('a template that is not there is not found', async () => {
  expect(await world.call('GET', '/script-templates/..%2f..%2fpackage.json')).toMatchObject({ status: 404 });
});

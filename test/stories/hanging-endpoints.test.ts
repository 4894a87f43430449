import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import type { Fault } from '../../src/cli/demo/misbehaviour.ts';
import { createOAuth2Provider } from '../federation/oauth2-provider.ts';
import { connectGitHub } from './connections.ts';
import { beginsSignIn, loginIdOf } from './moves.ts';
import { makeConnection } from './seed.ts';
import { startWorld, type World } from './world.ts';

/**
 * A provider that hangs, whichever of its endpoints does, in whatever way: a page that the person understands within 10 s,
 * and an event that the admin understands. Everybody waits at the same time: the limits are the real ones. How long it
 * took is what the server says it waited, since a busy machine has no share in that.
 */

const ways = ['hangs', 'trickles', 'stops after the headers'] as const satisfies readonly Fault[];
const oidcEndpoints = ['discovery', 'jwks', 'token', 'userinfo'] as const;
const githubEndpoints = ['/token', '/user', '/user/emails'] as const;

interface Ended {
  alerts: string[];
  text: string;
  offersPassword: boolean;
  event: { code: string | null; reference: string | null; details: Record<string, unknown> } | undefined;
}

let world: World;
const closing: (() => Promise<unknown>)[] = [];
const ended = new Map<string, Ended>();

const oidcRows = oidcEndpoints.flatMap((endpoint) =>
  ways.map((way) => ({ name: `${endpoint} ${way}`, endpoint, way })),
);
const githubRows = githubEndpoints.flatMap((endpoint) =>
  ways.map((way) => ({ name: `GitHub’s ${endpoint} ${way}`, endpoint, way })),
);
const rows = [...oidcRows, ...githubRows].map(({ name }) => name);

beforeAll(async () => {
  world = await startWorld();
  await Promise.all([
    ...oidcRows.map(async ({ name, endpoint, way }) => {
      const client = { id: 'stepgate', secret: 'a secret', redirectUris: [`${world.url}/login/callback`] };
      const provider = await createDemoIdentityProvider({ host: '127.0.0.6', name, client });
      closing.push(() => provider.close());
      provider.misbehave({ endpoints: { [endpoint]: way } });
      const connection = makeConnection(world.box, {
        name,
        issuer: provider.url,
        clientId: client.id,
        clientSecret: client.secret,
      });
      await world.app.database.unit(({ connections }) => connections.insert(connection));
    }),
    ...githubRows.map(async ({ name, endpoint, way }) => {
      const provider = await createOAuth2Provider('127.0.0.7');
      closing.push(() => provider.close());
      provider.misbehave({ endpoints: { [endpoint]: way } });
      await connectGitHub(world, provider, name);
    }),
  ]);
  await world.publish({
    steps: [{ options: [{ authenticator: 'BasicAuthenticator' }, ...rows.map((idp) => ({ idp }))] }],
    script: null,
    scriptEnabled: false,
  });
  await Promise.all(rows.map(comesThrough));
}, 60_000);
afterAll(() => Promise.all([world?.close(), ...closing.map((close) => close())]));

async function comesThrough(name: string): Promise<void> {
  const person = await beginsSignIn(world);
  const login = loginIdOf(person);
  await person.chooses(name);
  if (person.canChoose('Grace Hopper')) await person.chooses('Grace Hopper');
  const [event] = await world.app.database.read.audit.list({ after: null, limit: 1, loginId: login });
  const { alerts, text } = person.page();
  const offersPassword = person.page().forms.some(({ fields }) => fields.some((field) => field.name === 'password'));
  ended.set(name, { alerts, text, offersPassword, event });
}

it.each(rows)('%s', (name) => {
  const { alerts, text, offersPassword, event } = ended.get(name)!;
  expect(alerts.join()).toContain(
    'The service you sign in with does not answer. Try again later, or choose another way.',
  );
  expect(offersPassword).toBe(true);
  expect(event).toMatchObject({
    type: 'login.step-missed',
    code: 'IDP_UNREACHABLE',
    details: { connection: name, detail: expect.stringMatching(/took longer than [78]\d{3} ms/) },
  });
  // The reference on the page leads the admin to it.
  expect(text).toContain(event!.reference);
});

it('nobody is signed in, and no account is made', async () => {
  expect(await world.users()).toEqual([]);
  const happened = await world.happened();
  expect(happened).toEqual({ 'login.step-missed': rows.length });
});

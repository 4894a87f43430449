import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import type { OAuth2Connection, SamlConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectGitHub, connectSaml } from './connections.ts';
import { arrives, expectUntouched, setLinking } from './linking-moves.ts';
import { askApplication, beginsSignIn, waitsAtGoogle } from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { password, startWorld, type World } from './world.ts';

/** What an attacker tries with a sign-in through a provider, beside what other stories tell. */

let world: World;
let github: OAuth2Provider;
let saml: SamlProvider;
let octo: OAuth2Connection;
let example: SamlConnection;
beforeAll(async () => {
  world = await startWorld();
  [github, saml] = await Promise.all([createOAuth2Provider('127.0.0.3'), createSamlProvider('127.0.0.4')]);
  octo = await connectGitHub(world, github);
  example = await connectSaml(world, saml);
  const options = [...passwordOrGoogle.options, { idp: 'GitHub' }, { idp: 'Example Ltd' }];
  await world.publish({ steps: [{ options }], script: null, scriptEnabled: false });
});
afterAll(() => Promise.all([world?.close(), github?.close(), saml?.close()]));
beforeEach(async () => {
  world.identityProvider.misbehave({});
  github.misbehave({});
  await world.changeConnection((now) => ({ ...now, enabled: true }));
  await world.happened();
});

describe('state bound to the browser and to one connection, one use; PKCE', () => {
  it('code injection: somebody else’s code under my own state lets nobody in', async () => {
    const victim = await waitsAtGoogle(world, alanTuring);
    const thief = await waitsAtGoogle(world);
    const stolen = new URL(thief.answer);
    stolen.searchParams.set('code', victim.answer.searchParams.get('code')!);
    await thief.person.opens(stolen.href);
    expect((await askApplication(world, thief.person)).signedIn).toBe(false);
    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.step-missed': 1 });
  });

  it('login CSRF: my answer in somebody else’s browser signs them in as nobody', async () => {
    const { answer } = await waitsAtGoogle(world);
    const victim = world.somebody();
    await victim.opens(answer.href);
    expect((await askApplication(world, victim)).signedIn).toBe(false);
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'WRONG_BROWSER' });
  });

  it('an assertion at another connection’s address is not read, though the state is right', async () => {
    const person = await beginsSignIn(world);
    await person.chooses('Example Ltd');
    const [form] = person.page().forms;
    const field = (name: string) => form!.fields.find((one) => one.name === name)!.value!;
    const query = { SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') };
    await person.opens(`${world.url}/connections/${octo.id}/callback?${new URLSearchParams(query)}`);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    const { details } = await world.lastEvent('login.step-missed');
    expect(JSON.stringify(details)).toContain(`answers of this connection come to /connections/${example.id}/acs`);
  });

  it('duplicate parameters: a code that comes twice is no code', async () => {
    const { person, answer } = await waitsAtGoogle(world);
    const asked = world.identityProvider.requests().token;
    await person.opens(`${answer.href}&code=another`);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(world.identityProvider.requests().token).toBe(asked);
  });
});

describe('a disabled connection refuses at once', () => {
  it('between the question for a proof and its answer: nothing is linked', async () => {
    const grace = await world.addUser('grace-here', { email: graceHopper.email, verified: [claims.email] });
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' });
    const person = await arrives(world);
    expect(person.isAt()).toBe('Is this your account?');
    await world.changeConnection((now) => ({ ...now, enabled: false }));
    await person.submits({ password });
    expect(person.isAt()).not.toBe('Signed in');
    await expectUntouched(world, grace);
    await setLinking(world, { enabled: false });
  });

  it('in the session that came of it: the next application asks again', async () => {
    const person = await beginsSignIn(world);
    await person.chooses('GitHub');
    expect(person.isAt()).toBe('Signed in');
    await changeConnection(world, octo, (now) => ({ ...now, enabled: false }));
    await person.opens(`${world.application.url}/sign-in`);
    expect(person.isAt()).toBe('Sign in');
    await changeConnection(world, octo, (now) => ({ ...now, enabled: true }));
  });
});

describe('SSRF: a connection’s endpoint inside the network is not asked', () => {
  const inside = [
    'http://169.254.169.254/latest',
    'https://10.0.0.1/x',
    'https://[fd00::1]/x',
    'https://[::ffff:10.0.0.1]/x',
  ];
  it.each(
    (['tokenEndpoint', 'userinfoEndpoint', 'emailsEndpoint'] as const).flatMap((field) =>
      inside.map((url) => [field, url] as const),
    ),
  )('%s %s', async (field, url) => {
    await changeConnection(world, octo, (now) => ({ ...octo, [field]: url, revision: now.revision }));
    const person = await beginsSignIn(world);
    await person.chooses('GitHub');
    expect((await askApplication(world, person)).signedIn).toBe(false);
    const { code, details } = await world.lastEvent('login.step-missed');
    expect(code).toBe('IDP_UNREACHABLE');
    expect(details['detail']).toMatch(/not public|not allowed/);
    // What the person reads tells nothing of the network.
    expect(person.page().text).not.toMatch(/169\.254|10\.0\.0|fd00|public/);
    await changeConnection(world, octo, (now) => ({ ...octo, revision: now.revision }));
  });
});

it('a provider that hangs: a page that the person understands within 10 s, and an event that the admin understands', async () => {
  const { person, answer } = await waitsAtGoogle(world);
  world.identityProvider.misbehave({ endpoints: { token: 'hangs' } });
  const began = performance.now();
  await person.opens(answer.href);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(person.isAt()).toBe('Sign in');
  expect(person.page().text).toMatch(/did not answer|try again/i);
  expect(await world.lastEvent('login.step-missed')).toMatchObject({ code: 'IDP_UNREACHABLE' });
});

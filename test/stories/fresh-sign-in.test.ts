import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { minute, second } from '../../src/kernel/clock.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { connectGitHub, connectSaml } from './connections.ts';
import { askApplication, beginsSignIn, readRefusal } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** An application that wants a new sign-in (`prompt=login`, `max_age`), and people whose provider has known them for long. */

let world: World;
let saml: SamlProvider;
let github: OAuth2Provider;
beforeAll(async () => {
  world = await startWorld();
  saml = await createSamlProvider('127.0.0.3');
  github = await createOAuth2Provider('127.0.0.4');
  await connectSaml(world, saml);
  await connectGitHub(world, github);
});
afterAll(async () => {
  await world?.close();
  await saml?.close();
  await github?.close();
});
beforeEach(async () => {
  world.identityProvider.misbehave({});
  saml.misbehave({});
  await world.happened();
});

const ago = (seconds: number) => Math.floor(Date.now() / second) - seconds;

async function comesFrom(idp: string, parameters: Record<string, string>) {
  await world.publish({
    script: 'function onLoginRequest(context) { executeStep(1); }',
    steps: [{ options: [{ idp }] }],
  });
  const person = await beginsSignIn(world, parameters);
  if (person.canChoose(idp)) await person.chooses(idp);
  if (idp === 'Google') await person.chooses('Alan Turing');
  if (idp === 'Example Ltd') await person.submits({});
  return person;
}

/** The provider says that the person signed in there so many minutes ago. */
function signedInBefore(idp: string, minutes: number): void {
  if (idp === 'Google') world.identityProvider.misbehave({ idToken: { auth_time: ago(minutes * 60) } });
  else saml.misbehave({ signedInBefore: minutes });
}

describe.each(['Google', 'Example Ltd'])('By %s', (idp) => {
  it('the application learns when the person signed in there, not when they came from there', async () => {
    signedInBefore(idp, 10);
    const person = await comesFrom(idp, {});
    expect(person.isAt()).toBe('Signed in');
    const told = Number((await askApplication(world, person)).claims['auth_time']);
    expect(Math.abs(told - ago(600))).toBeLessThan(30);
  });

  it.each([{ prompt: 'login' }, { max_age: '300' }])('an old sign-in there does not do for %j', async (wish) => {
    signedInBefore(idp, 10);
    const person = await comesFrom(idp, wish as Record<string, string>);
    expect(person.isAt()).toBe('You are not signed in');
    const refusal = await readRefusal(world, person);
    // Where OpenID Connect itself has the rule (max_age), its library refuses the id_token before we look at the time.
    const byLibrary = idp === 'Google' && 'max_age' in wish;
    expect(refusal.code).toBe(byLibrary ? 'IDP_ANSWER_INVALID' : 'IDP_SIGN_IN_NOT_FRESH');
    if (!byLibrary) expect(refusal.text).toContain('asks you to sign in anew');
    expect((await world.happened())['login.succeeded']).toBeUndefined();
  });

  it.each([{ prompt: 'login' }, { max_age: '3600' }])('a sign-in that is new enough does for %j', async (wish) => {
    const began = Math.floor(world.clock.now() / second);
    signedInBefore(idp, 'prompt' in wish ? 0 : 10);
    const person = await comesFrom(idp, wish as Record<string, string>);
    expect(person.isAt()).toBe('Signed in');
    const told = Number((await askApplication(world, person)).claims['auth_time']);
    if ('prompt' in wish) expect(told).toBeGreaterThanOrEqual(began);
    else expect(Math.abs(told - ago(600))).toBeLessThan(30);
  });
});

it('a provider whose clock is half a minute behind has not signed anybody in too early', async () => {
  const began = Math.floor(world.clock.now() / second);
  world.identityProvider.misbehave({ idToken: { auth_time: ago(30) } });
  const person = await comesFrom('Google', { prompt: 'login' });
  expect(person.isAt()).toBe('Signed in');
  expect(Number((await askApplication(world, person)).claims['auth_time'])).toBeGreaterThanOrEqual(began);
  expect(Math.abs(world.clock.now() - Date.now())).toBeLessThan(minute);
});

it.each([{ prompt: 'login' }, { max_age: '300' }])(
  'nobody is sent to OAuth 2.0, which cannot tell, for %j',
  async (wish) => {
    const person = await comesFrom('GitHub', wish as Record<string, string>);
    expect(person.isAt()).toBe('You are not signed in');
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ status: 403, code: 'IDP_SIGN_IN_NOT_FRESH' });
    expect(github.requests()).toEqual({});
  },
);

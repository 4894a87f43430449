import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askApplication, beginsSignIn, comesThroughGoogle, readRefusal } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const cameWith = (claims: Record<string, unknown>) =>
  world.identityProvider.misbehave({ idToken: claims, userinfo: claims });

describe('A connection for the people of one domain', () => {
  beforeEach(() => world.changeConnection((one) => ({ ...one, preset: 'oidc', allowedDomains: ['example.com'] })));

  it('lets them in, and nobody else', async () => {
    const grace = await beginsSignIn(world);
    await comesThroughGoogle(grace);
    expect(grace.isAt()).toBe('Signed in');
    await world.happened();

    cameWith({ email: 'eve@evil.example' });
    const eve = await beginsSignIn(world);
    await comesThroughGoogle(eve, 'Alan Turing');
    expect(eve.page().alerts.join()).toContain('This way to sign in is for people of other organisations.');
    expect((await askApplication(world, eve)).signedIn).toBe(false);
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'login.step-missed': 1 });
    expect(await world.lastEvent('login.step-missed')).toMatchObject({
      code: 'DOMAIN_NOT_ALLOWED',
      details: { connection: 'Google', detail: 'The domain of «eve@evil.example» is not among example.com.' },
    });

    // The same page lets her try again with an account of theirs.
    world.identityProvider.misbehave({});
    await comesThroughGoogle(eve);
    expect(eve.isAt()).toBe('Signed in');
    expect(await world.users()).toHaveLength(1);
  });

  it('keeps out whoever only says to have such an address, also with an account from before', async () => {
    await comesThroughGoogle(await beginsSignIn(world));
    await world.publish({ steps: [{ options: [{ idp: 'Google' }] }], scriptEnabled: false });
    cameWith({ email: 'grace.hopper@example.com', email_verified: false });
    await world.happened();
    const person = await beginsSignIn(world);
    await person.chooses('Grace Hopper');
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'DOMAIN_NOT_ALLOWED',
      event: { type: 'login.failed' },
    });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('the script’s onFail hears of it', async () => {
    await world.publish({
      steps: [{ options: [{ idp: 'Google' }] }, { options: [{ authenticator: 'BasicAuthenticator' }] }],
      script: `function onLoginRequest(context) {
        executeStep(1, { onFail: function () { executeStep(2); } });
      }`,
    });
    cameWith({ email: 'eve@evil.example' });
    const person = await beginsSignIn(world);
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('Sign in');
  });
});

describe('What a provider says about how it signed somebody in', () => {
  const askForTwoFactors = `function onLoginRequest(context) {
    executeStep(1, { onSuccess: function (context) { context.selectedAcr = 'urn:stepgate:2fa'; } });
  }`;
  const signsIn = async () => {
    await world.publish({ script: askForTwoFactors });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('Signed in');
    return (await askApplication(world, person)).claims;
  };

  it('counts as a second factor where it is trusted', async () => {
    await world.changeConnection((one) => ({ ...one, trustedAmr: ['otp'] }));
    world.identityProvider.misbehave({ idToken: { amr: ['pwd', 'otp'] } });
    expect(await signsIn()).toMatchObject({ amr: ['otp', 'mfa'], acr: 'urn:stepgate:2fa' });
  });

  it('counts for nothing where it is not', async () => {
    world.identityProvider.misbehave({ idToken: { amr: ['pwd', 'otp', 'mfa'] } });
    const claims = await signsIn();
    expect(claims['acr']).not.toBe('urn:stepgate:2fa');
    expect(claims['amr'] ?? []).toEqual([]);
  });

  it('counts for nothing where it is not signed', async () => {
    await world.changeConnection((one) => ({ ...one, trustedAmr: ['otp'] }));
    world.identityProvider.misbehave({ userinfo: { amr: ['otp'], acr: 'otp' } });
    expect((await signsIn())['acr']).not.toBe('urn:stepgate:2fa');
  });
});

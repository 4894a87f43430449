import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { changeConnection } from './connections.ts';
import { beginsSignIn, readRefusal, typesPassword } from './moves.ts';
import { makeConnection } from './seed.ts';
import { readLastLogin } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Ways to sign in that an admin takes away, before a page is shown and while it is open. */

let world: World;
let other: OidcConnection;
beforeAll(async () => {
  world = await startWorld();
  other = makeConnection(world.box, {
    name: 'Other',
    issuer: world.identityProvider.url,
    clientId: 'stepgate',
    clientSecret: 'a secret between the two of them',
  });
  await world.app.database.unit(({ connections }) => connections.insert(other));
});
afterAll(() => world?.close());
beforeEach(async () => {
  await setEnabled({ google: true, other: true });
  await world.happened();
});

async function setEnabled({ google, other: isOther }: { google: boolean; other: boolean }): Promise<void> {
  await changeConnection<OidcConnection>(world, world.connection, (now) => ({ ...now, enabled: google }));
  await changeConnection<OidcConnection>(world, other, (now) => ({ ...now, enabled: isOther }));
}

const offers = (idps: string[], { password = false, script = null as string | null } = {}) =>
  world.publish({
    steps: [
      { options: [...(password ? [{ authenticator: 'BasicAuthenticator' }] : []), ...idps.map((idp) => ({ idp }))] },
    ],
    script,
    scriptEnabled: script !== null,
  });

const sentence = 'This way to sign in is switched off.';

describe('The page of a step', () => {
  it('shows no button of a connection that is disabled, and shows it again when it is not', async () => {
    await offers(['Google', 'Other'], { password: true });
    const person = await beginsSignIn(world);
    expect([person.canChoose('Google'), person.canChoose('Other')]).toEqual([true, true]);
    await setEnabled({ google: false, other: true });
    await person.opens(person.page().url);
    expect([person.canChoose('Google'), person.canChoose('Other')]).toEqual([false, true]);
    await setEnabled({ google: true, other: true });
    await person.opens(person.page().url);
    expect(person.canChoose('Google')).toBe(true);
    expect(await world.happened()).toEqual({});
  });

  it('of a connection that is gone shows none either, and the password still signs in', async () => {
    await world.addUser('ann');
    await offers(['Nowhere', 'Other'], { password: true });
    const person = await beginsSignIn(world);
    expect([person.canChoose('Nowhere'), person.canChoose('Other')]).toEqual([false, true]);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
  });

  it('that is open when the connection is disabled tells so, and shows what is left', async () => {
    await offers(['Google', 'Other']);
    const person = await beginsSignIn(world);
    await setEnabled({ google: false, other: true });
    await person.chooses('Google');
    expect(person.page().alerts.join()).toContain(sentence);
    expect([person.canChoose('Google'), person.canChoose('Other')]).toEqual([false, true]);
    expect(await world.lastEvent('login.step-missed')).toMatchObject({ code: 'CONNECTION_DISABLED' });
    await person.chooses('Other');
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('Signed in');
  });

  it('that is open when the last one is disabled ends there', async () => {
    await offers(['Google', 'Other']);
    const person = await beginsSignIn(world);
    await setEnabled({ google: false, other: false });
    await person.opens(person.page().url);
    expect(person.page().alerts.join()).toContain(sentence);
    expect([person.canChoose('Google'), person.canChoose('Other')]).toEqual([false, false]);
  });

  it('whose answer is sent from an old page, with nothing left, ends the sign-in', async () => {
    await offers(['Google', 'Other']);
    const person = await beginsSignIn(world);
    await setEnabled({ google: false, other: false });
    await person.chooses('Google');
    expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'CONNECTION_DISABLED' });
    expect(person.page().text).toContain(sentence);
  });
});

describe('A step that has nothing left', () => {
  it.each([[['Google']], [['Google', 'Other']], [['Google', 'Nowhere']]])('%j tells so at once', async (idps) => {
    await offers(idps);
    await setEnabled({ google: false, other: false });
    const person = await beginsSignIn(world);
    expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'CONNECTION_DISABLED' });
    expect(person.page().text).toContain(sentence);
    expect(
      person
        .hops()
        .map(({ url }) => url)
        .join(),
    ).not.toContain(new URL(world.identityProvider.url).host);
  });

  it('lets the script lead on by onFail', async () => {
    await world.addUser('bea');
    await world.publish({
      steps: [
        { options: [{ idp: 'Google' }, { idp: 'Other' }] },
        { options: [{ authenticator: 'BasicAuthenticator' }] },
      ],
      script: 'function onLoginRequest() { executeStep(1, { onFail: function () { executeStep(2); } }); }',
    });
    await setEnabled({ google: false, other: false });
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Sign in');
    await typesPassword(person, 'bea');
    expect(person.isAt()).toBe('Signed in');
    const { steps } = await readLastLogin(world);
    expect(steps[0]).toMatchObject({ outcome: 'fail', failure: { code: 'CONNECTION_DISABLED' } });
  });
});

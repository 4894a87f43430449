import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import { changeConnection, connectSaml } from '../stories/connections.ts';
import { askApplication, beginsSignIn } from '../stories/moves.ts';
import { passwordOrGoogle } from '../stories/session-moves.ts';
import { startWorld, type World } from '../stories/world.ts';
import { findMissing, person as grace, type SimpleSamlPhp, startSimpleSamlPhp } from './simplesamlphp.ts';

/** A SAML provider that others wrote, beside the one of our own tests. */

const missing = findMissing();
if (missing) console.warn(`Skipped: ${missing}`);

describe.skipIf(missing !== null)('SimpleSAMLphp', () => {
  let world: World;
  let peer: SimpleSamlPhp;
  let connection: SamlConnection;
  beforeAll(async () => {
    [world, peer] = await Promise.all([startWorld(), startSimpleSamlPhp('127.0.0.3')]);
    const xml = await peer.metadata();
    connection = await connectSaml(world, { metadata: () => xml });
    await peer.knows(connection, world.url);
    const options = [...passwordOrGoogle.options, { idp: 'Example Ltd' }];
    await world.publish({ steps: [{ options }], script: null, scriptEnabled: false });
  });
  afterAll(() => Promise.all([world?.close(), peer?.close()]));

  async function signsIn() {
    const person = await beginsSignIn(world);
    await person.chooses('Example Ltd');
    await person.submits(grace);
    // The page that posts the assertion by itself where there is JavaScript.
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
    return person;
  }

  it('takes our signed request; its person gets an account, and has it the next time', async () => {
    const first = await askApplication(world, await signsIn());
    expect(first.claims).toMatchObject({ given_name: 'Grace', email: 'grace.hopper@example.com' });
    const second = await askApplication(world, await signsIn());
    expect(second.claims['sub']).toBe(first.claims['sub']);
    const [account, ...others] = await world.users();
    expect(others).toEqual([]);
    expect(account).toMatchObject({ username: 'grace', verified: [claims.email] });
  });

  it('encrypts for us', async () => {
    await peer.knows(connection, world.url, { encrypts: true });
    await changeConnection(world, connection, (now) => ({ ...now, requiresEncryption: true }));
    await signsIn();
    await changeConnection(world, connection, (now) => ({ ...now, requiresEncryption: false }));
    await peer.knows(connection, world.url);
  });

  it('signs the person out when they sign out here, and asks for the password again', async () => {
    const person = await signsIn();
    await person.opens(`${world.application.url}/sign-out`);
    const before = person.hops().length;
    await person.chooses('Sign out');
    const ways = person.hops().slice(before);
    expect(ways.some(({ url }) => url.includes('/saml2/idp/Single'))).toBe(true);
    expect(person.isAt()).toBe('Signed out');
    await person.opens(`${world.application.url}/sign-in`);
    await person.chooses('Example Ltd');
    expect(person.page().forms.some(({ fields }) => fields.some(({ name }) => name === 'password'))).toBe(true);
  });

  it('tells of a sign-out there: the session here ends', async () => {
    const person = await signsIn();
    await person.opens(
      `${peer.url}/saml2/idp/initSLO.php?RelayState=${encodeURIComponent(`${world.url}/health/live`)}`,
    );
    await person.opens(`${world.application.url}/sign-in`);
    expect(person.isAt()).toBe('Sign in');
    expect(await world.happened()).toMatchObject({ 'upstream.signed-out': 1 });
  });
});

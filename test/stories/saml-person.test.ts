import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import { minute } from '../../src/kernel/clock.ts';
import { createSamlProvider, type SamlMisbehaviour, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectSaml } from './connections.ts';
import { askApplication, beginsSignIn, readRefusal } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let idp: SamlProvider;
let connection: SamlConnection;
beforeAll(async () => {
  world = await startWorld();
  idp = await createSamlProvider('127.0.0.3');
  connection = await connectSaml(world, idp);
  await world.publish({ steps: [{ options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Example Ltd' }] }] });
});
afterAll(async () => {
  await world?.close();
  await idp?.close();
});
beforeEach(async () => {
  idp.misbehave({});
  await world.happened();
});

/** At the provider's page that posts the assertion. */
async function standsAtThePost() {
  const person = await beginsSignIn(world);
  await person.chooses('Example Ltd');
  expect(person.isAt()).toBe('Signing in');
  return person;
}

describe('Somebody from a SAML provider', () => {
  it('gets no account with JIT off, and the same sub each time', async () => {
    const setJit = (enabled: boolean) =>
      changeConnection(world, connection, (now) => ({ ...now, jit: { ...now.jit, enabled } }));
    await setJit(false);
    const subjects = [];
    for (const _time of ['first', 'second']) {
      const person = await standsAtThePost();
      await person.submits({});
      const me = await askApplication(world, person);
      expect(me.claims).toMatchObject({ given_name: 'Grace', email: 'grace.hopper@example.com' });
      subjects.push(me.claims['sub']);
    }
    expect(new Set(subjects).size).toBe(1);
    expect(await world.users()).toEqual([]);
    await setJit(true);
  });

  it('gets an account at the first sign-in, and is found at the second', async () => {
    for (const _time of ['first', 'second']) {
      const person = await standsAtThePost();
      await person.submits({});
      expect(person.isAt()).toBe('Signed in');
      const [account, ...others] = await world.users();
      expect(others).toEqual([]);
      expect(account).toMatchObject({ username: 'grace.hopper@example.com', verified: [claims.email] });
      expect(await world.app.database.read.users.findAssociation(connection.id, 'g-1906')).toMatchObject({
        userId: account!.id,
      });
    }
    expect(await world.happened()).toMatchObject({ 'user.created': 1, 'association.created': 1 });
  });

  it('has passed a second factor there where the level that the assertion names is trusted', async () => {
    const level = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
    const amrs = [];
    for (const trustedAmr of [[], [level]]) {
      await changeConnection(world, connection, (now) => ({ ...now, trustedAmr }));
      const person = await standsAtThePost();
      await person.submits({});
      amrs.push((await askApplication(world, person)).claims['amr'] ?? []);
    }
    expect(amrs).toEqual([[], ['mfa']]);
    await changeConnection(world, connection, (now) => ({ ...now, trustedAmr: [] }));
  });

  it('comes in once with one assertion, however often it is posted (replay)', async () => {
    const person = await standsAtThePost();
    const page = person.page();
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
    person.returnsTo(page);
    await person.submits({});
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'STATE_INVALID' });
  });

  it('whose assertion somebody stole: it is worth nothing in another sign-in, nor in another browser', async () => {
    const grace = await standsAtThePost();
    const stolen = grace.page().forms[0]!.fields.find(({ name }) => name === 'SAMLResponse')!.value!;
    const thief = await standsAtThePost();
    await thief.submits({ SAMLResponse: stolen });
    expect((await askApplication(world, thief)).signedIn).toBe(false);
    const events = await world.app.database.read.audit.list({ after: null, limit: 3 });
    expect(JSON.stringify(events)).toContain('InResponseTo');
    const other = world.somebody();
    other.returnsTo(grace.page());
    await other.submits({});
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'WRONG_BROWSER' });
    expect((await askApplication(world, other)).signedIn).toBe(false);
  });

  it.each<[string, SamlMisbehaviour, RegExp]>([
    ['is not signed', { signature: 'none' }, /sign/i],
    ['was made by a clock that is ten minutes ahead', { clock: 10 * minute }, /not.*(yet|before)|NotBefore|future/i],
    ['was made by a clock that is ten minutes behind', { clock: -10 * minute }, /over|expired|NotOnOrAfter/i],
    ['defines an entity', { bend: (xml) => `<!DOCTYPE r [<!ENTITY a "b">]>${xml}` }, /type definition/],
    ['has 300 kB of attributes', { attributes: { groups: ['a', 'x'.repeat(300_000)] } }, /more than 262144 bytes/],
    ['has 3,000 groups', { attributes: { groups: Array.from({ length: 3000 }, (_, n) => `g${n}`) } }, /at most 2000/],
    ['has a name of 300 characters', { nameId: { value: 'x'.repeat(300) } }, /more than 255/],
  ])(
    'whose answer %s is refused: the page says so, the event says why, and nothing is changed',
    async (_it, how, cause) => {
      const before = await world.users();
      await world.happened();
      idp.misbehave(how);
      const person = await standsAtThePost();
      await person.submits({});
      const { event } = await readRefusal(world, person);
      expect(person.page().text).toContain('could not be trusted, so we did not use it');
      expect(event).toMatchObject({ type: 'login.step-missed', code: 'IDP_ANSWER_INVALID' });
      expect(event!.details['detail']).toMatch(cause);
      expect(await world.users()).toEqual(before);
      expect((await askApplication(world, person)).signedIn).toBe(false);
      expect(await world.happened()).toEqual({ 'login.step-missed': 1 });
    },
  );

  it.each([-0.5, 0.5])('a clock that is off by %f minutes is no reason', async (minutes) => {
    idp.misbehave({ clock: minutes * minute });
    const person = await standsAtThePost();
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
  });
});

it('our metadata are there for the provider to read, and those of nobody else', async () => {
  const answer = await fetch(`${world.url}/connections/${connection.id}/metadata`);
  expect(answer.headers.get('content-type')).toContain('application/samlmetadata+xml');
  expect(await answer.text()).toContain(`${world.url}/connections/${connection.id}/acs`);
  for (const path of [`${world.connection.id}/metadata`, `${connection.id}/jwks`, 'conn_of-nobody/metadata']) {
    expect((await fetch(`${world.url}/connections/${path}`)).status).toBe(404);
  }
});

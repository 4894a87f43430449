import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { LinkingSettings } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import type { ConnectionId } from '../../src/kernel/ids.ts';
import { askApplication, beginsSignIn, comesThroughGoogle, mailedCode, readRefusal, typesPassword } from './moves.ts';
import { makeConnection } from './seed.ts';
import { password, startWorld, type World } from './world.ts';

/*
 * Faults that other products have published in brokering, linking and provisioning, each played against this server.
 * The victim is Grace Hopper, whose address is graceHopper.email; Alan Turing is the attacker.
 */
let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const setLinking = (linking: Partial<LinkingSettings> = {}) =>
  world.changeConnection((one) => ({
    ...one,
    jit: { ...one.jit, linking: { ...one.jit.linking, enabled: true, ...linking } },
  }));

const arrives = async (name = 'Alan Turing'): Promise<Person> => {
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person, name);
  return person;
};

/** What the provider says of whoever comes next; null leaves a claim out. */
const says = (told: Record<string, unknown>) => world.identityProvider.misbehave({ idToken: told, userinfo: told });

const accountOf = async (sub: string, connection: ConnectionId = world.connection.id) =>
  (await world.app.database.read.users.findAssociation(connection, sub))?.userId ?? null;

const asWho = async (person: Person) => (await askApplication(world, person)).claims['sub'];

async function expectUntouched(account: User): Promise<void> {
  expect(await world.app.database.read.users.findById(account.id)).toEqual(account);
  expect(await world.app.database.read.users.listAssociations(account.id)).toEqual([]);
}

/** A second connection to the same provider: another connection, the same subjects. */
async function addConnection(name: string, trustsVerifiedEmail: boolean): Promise<ConnectionId> {
  const connection = makeConnection(world.box, {
    name,
    issuer: world.identityProvider.url,
    clientId: 'stepgate',
    clientSecret: 'a secret between the two of them',
    trustsVerifiedEmail,
    jit: { onConflict: 'SUFFIX_USERNAME' },
  });
  await world.app.database.unit((stores) => stores.connections.insert(connection));
  const options = [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }, { idp: name }];
  await world.publish({ steps: [{ options }], scriptEnabled: false });
  return connection.id;
}

describe('An address is not an identity', () => {
  it('nOAuth (Descope, 2023): an address that the provider lets anybody enter links nobody', async () => {
    await setLinking();
    await world.changeConnection((one) => ({ ...one, trustsVerifiedEmail: false }));
    const grace = await world.addUser('grace', { email: graceHopper.email });
    says({ email: graceHopper.email, email_verified: true });
    expect((await readRefusal(world, await arrives())).code).toBe('LINK_REFUSED');
    await expectUntouched(grace);
  });

  it('CVE-2026-9092 (Casdoor): no word about verification is no verification', async () => {
    await setLinking();
    const grace = await world.addUser('grace', { email: graceHopper.email });
    says({ email: graceHopper.email, email_verified: null });
    expect((await readRefusal(world, await arrives())).code).toBe('LINK_REFUSED');
    await expectUntouched(grace);
  });

  it('CVE-2023-3128 (Grafana): whoever changes the address at the provider stays who they were', async () => {
    await setLinking();
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const alan = await asWho(await arrives());
    says({ email: graceHopper.email, email_verified: true });
    expect(await asWho(await arrives())).toBe(alan);
    expect(alan).not.toBe(grace.subject);
    await expectUntouched(grace);
  });

  it('allowDangerousEmailAccountLinking (Auth.js): by default no second provider joins an account', async () => {
    const other = await addConnection('Other', true);
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    await person.chooses('Grace Hopper');
    const grace = await accountOf(graceHopper.sub);
    says({ email: graceHopper.email });
    const attacker = await beginsSignIn(world);
    await attacker.chooses('Other');
    await attacker.chooses('Alan Turing');
    expect(await accountOf(alanTuring.sub, other)).not.toBe(grace);
    expect(await world.app.database.read.users.listAssociations(grace!)).toHaveLength(1);
  });

  it.each([
    ['the dotless ı', 'graıe.hopper@example.com', 'graie.hopper@example.com'],
    ['the long ſ', 'graſe.hopper@example.com', 'grase.hopper@example.com'],
    ['the Kelvin sign', 'grace.hopper@\u212aexample.com', 'grace.hopper@kexample.com'],
  ])('CVE-2019-19844 (Django), GitHub 2016: %s is no other letter', async (_name, told, mine) => {
    await setLinking();
    const grace = await world.addUser('grace', { email: mine });
    says({ email: told, email_verified: true });
    await arrives();
    await expectUntouched(grace);
  });

  it('an address that was given to somebody else does not give them the account', async () => {
    await setLinking();
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await arrives('Grace Hopper');
    says({ email: graceHopper.email, email_verified: true });
    expect((await readRefusal(world, await arrives())).code).toBe('LINK_REFUSED');
    expect(await world.app.database.read.users.listAssociations(grace.id)).toHaveLength(1);
  });
});

describe('Pre-hijacked accounts (Sudhodanan and Paverd, 2022)', () => {
  it('better-auth 9578: an account whose own address was never verified takes nobody in', async () => {
    await setLinking();
    const eve = await world.addUser('eve', { email: graceHopper.email, verified: [] });
    const person = await arrives('Grace Hopper');
    expect(await accountOf(graceHopper.sub)).toBeNull();
    expect((await askApplication(world, person)).signedIn).toBe(false);
    await expectUntouched(eve);
  });

  it('classic-federated merge: an address that somebody claimed for their account keeps nobody out either', async () => {
    await setLinking();
    const eve = await world.addUser('eve', {
      attributes: [{ uri: claims.email, value: graceHopper.email, origin: 'person' }],
    });
    const person = await arrives('Grace Hopper');
    expect(person.isAt()).toBe('Signed in');
    expect(await asWho(person)).not.toBe(eve.subject);
    await expectUntouched(eve);
  });

  it('non-verifying identity provider: an account made through a lax one is not joined by a strict one', async () => {
    const lax = await addConnection('Lax', false);
    await setLinking();
    says({ email: graceHopper.email, email_verified: true });
    const attacker = await beginsSignIn(world);
    await attacker.chooses('Lax');
    await attacker.chooses('Alan Turing');
    const made = await accountOf(alanTuring.sub, lax);
    says({});
    const victim = await beginsSignIn(world);
    await victim.chooses('Google');
    await victim.chooses('Grace Hopper');
    expect(victim.isAt()).toBe('Signed in');
    expect(await accountOf(graceHopper.sub)).not.toBe(made);
    expect(await world.app.database.read.users.listAssociations(made!)).toHaveLength(1);
  });

  it('the other direction: a local account does not take over what came from a provider', async () => {
    await arrives('Grace Hopper');
    const grace = (await world.users())[0]!;
    await world.addUser('eve', { email: graceHopper.email, verified: [] });
    const eve = await beginsSignIn(world);
    await typesPassword(eve, graceHopper.email);
    expect((await askApplication(world, eve)).signedIn).toBe(false);
    expect(await world.app.database.read.users.findById(grace.id)).toEqual(grace);
  });

  it('a user name that is somebody’s address signs nobody in as them', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    says({ email: 'eve@example.com', preferred_username: graceHopper.email });
    expect((await readRefusal(world, await arrives())).event?.code).toBe('USERNAME_TAKEN');
    await expectUntouched(grace);
  });
});

describe('A proof is for one person, one account and one sign-in', () => {
  it('CVE-2026-9087 (Keycloak): a proof does not serve another person of the same provider', async () => {
    await setLinking({ proof: 'CONFIRM_WITH_EMAIL_CODE' });
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const victim = await arrives('Grace Hopper');
    const code = await mailedCode(world, graceHopper.email);
    says({ email: graceHopper.email });
    const attacker = await arrives();
    expect(attacker.isAt()).toBe('Is this your account?');
    await attacker.submits({ code });
    expect(attacker.isAt()).toBe('Is this your account?');
    expect(await accountOf(alanTuring.sub)).toBeNull();

    await victim.submits({ code });
    expect(victim.isAt()).toBe('Signed in');
    expect(await accountOf(graceHopper.sub)).toBe(grace.id);
    // And once it has served, the attacker’s own open question has nothing left to link.
    await attacker.submits({ code });
    expect((await askApplication(world, attacker)).signedIn).toBe(false);
    expect(await world.app.database.read.users.listAssociations(grace.id)).toHaveLength(1);
  });

  it('the account that was proven is the one that is linked, whatever fits by then', async () => {
    await setLinking({ proof: 'CONFIRM_WITH_PASSWORD' });
    const eve = await world.addUser('eve', { email: graceHopper.email, verified: [] });
    const person = await arrives('Grace Hopper');
    // Meanwhile the address has gone to another account; the old one’s password is still right for the old one.
    await world.app.database.unit(({ users }) => users.update({ ...eve, attributes: [] }));
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await person.submits({ password });
    expect(person.isAt()).toBe('Is this your account?');
    expect(await accountOf(graceHopper.sub)).toBeNull();
    for (const { id } of [eve, grace]) {
      expect(await world.app.database.read.users.listAssociations(id)).toEqual([]);
    }
  });
});

describe('What the provider answered', () => {
  it('is nothing where no sign-in waits for it', async () => {
    const eve = await beginsSignIn(world);
    await eve.opens(`${world.url}/login/callback?code=stolen&state=stolen`);
    expect(eve.page().status).toBe(400);
    expect((await askApplication(world, eve)).signedIn).toBe(false);
  });

  it('CVE-2026-55669 (ZITADEL): counts only if it is for us', async () => {
    world.identityProvider.misbehave({ idToken: { aud: 'another-application' } });
    const person = await arrives('Grace Hopper');
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.users()).toEqual([]);
  });

  it('two providers with the same subject are two people', async () => {
    const other = await addConnection('Other', true);
    for (const name of ['Google', 'Other']) {
      const person = await beginsSignIn(world);
      await person.chooses(name);
      await person.chooses('Grace Hopper');
      expect(person.isAt()).toBe('Signed in');
    }
    expect(await accountOf(graceHopper.sub)).not.toBe(await accountOf(graceHopper.sub, other));
    expect(await world.users()).toHaveLength(2);
  });
});

describe('Whoever is out stays out', () => {
  it.each([{ disabled: true }, { locked: true }])(
    'GHSA-26c5-ppr8-f33p (Synapse): an account that is %j is so through the provider, too',
    async (state) => {
      await arrives('Grace Hopper');
      const grace = (await world.users())[0]!;
      await world.app.database.unit(({ users }) => users.update({ ...grace, ...state }));
      await world.happened();
      const person = await arrives('Grace Hopper');
      expect((await askApplication(world, person)).signedIn).toBe(false);
      expect(await world.users()).toHaveLength(1);
      expect(await world.happened()).not.toHaveProperty('login.succeeded');
    },
  );

  it('groups that the provider invents give no role', async () => {
    says({ groups: ['admin', 'owner', 'Internal/admin'], roles: ['owner'] });
    await arrives('Grace Hopper');
    expect((await world.users())[0]).toMatchObject({ roles: [], groups: [] });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { OAuth2Connection } from '../../src/connections/connection.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { claims } from '../../src/directory/claims.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { changeConnection, connectGitHub } from './connections.ts';
import { askApplication, beginsSignIn } from './moves.ts';
import { startWorld, type World } from './world.ts';

/*
 * What is known of single providers, played with the presets that know it: what each tells, and what becomes of it here. With
 * one option a step leads straight to the provider.
 */

let world: World;
beforeEach(async () => {
  world = await startWorld({ flow: { steps: [{ options: [{ idp: 'Google' }] }], scriptEnabled: false } });
});
afterEach(() => world?.close());

/** The world's connection as the preset has it, to the world's own provider. */
const becomes = (preset: 'apple' | 'entra') =>
  world.changeConnection(({ id, name, type, issuer, clientId, clientSecretSealed, revision, ...one }) => ({
    ...one,
    ...getConnectionDefaults(preset),
    // The secret that Apple wants is tested where it is made; this provider takes one of its own.
    ...{ id, name, type, preset, issuer, clientId, clientSecretSealed, revision, clientAuthentication: 'secret' },
  }));

describe('Apple', () => {
  const unnamed = { name: null, given_name: null, family_name: null };
  const told = JSON.stringify({ name: { firstName: 'Grace', lastName: 'Hopper' }, email: 'admin@example.com' });

  /** Apple's page posts the answer, and the person's name beside it: at the very first time. */
  async function comes(user: string | null) {
    world.identityProvider.misbehave({ metadata: { userinfo_endpoint: null }, idToken: unnamed });
    const person = await beginsSignIn(world);
    await person.chooses('Grace Hopper');
    const page = person.page();
    const fields = user === null ? [] : [{ name: 'user', type: 'hidden', value: user }];
    const forms = page.forms.map((form) => ({ ...form, fields: [...form.fields, ...fields] }));
    person.returnsTo({ ...page, forms });
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
    const [user_, ...others] = await world.users();
    expect(others).toEqual([]);
    return { user: user_!, claims: (await askApplication(world, person)).claims };
  }
  const nameOf = ({ user }: Awaited<ReturnType<typeof comes>>) =>
    user.attributes.find(({ uri }) => uri === claims.givenName)?.value ?? null;

  it('tells the name once: the account keeps it, and applications get it each time', async () => {
    await becomes('apple');
    for (const user of [told, null]) {
      const come = await comes(user);
      expect(nameOf(come)).toBe('Grace');
      expect(come.user).toMatchObject({ username: graceHopper.email, verified: [claims.email] });
      expect(come.claims).toMatchObject({ given_name: 'Grace', email: graceHopper.email });
    }
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 2 });
  });

  it('is the reason for attributeSync PRESERVE_LOCAL: as elsewhere, the name would go', async () => {
    await becomes('apple');
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, attributeSync: 'OVERRIDE_ALL' } }));
    expect(nameOf(await comes(told))).toBe('Grace');
    expect(nameOf(await comes(null))).toBeNull();
  });
});

describe('Entra', () => {
  it('tells a mail address that an administrator typed: it is never verified, and never links', async () => {
    await becomes('entra');
    await world.changeConnection((one) => ({
      ...one,
      jit: { ...one.jit, linking: { ...one.jit.linking, enabled: true } },
    }));
    const ceo = await world.addUser('ceo', { email: graceHopper.email });
    const person = await beginsSignIn(world);
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('You are not signed in');
    expect(await world.lastEvent('provisioning.refused')).toMatchObject({ code: 'LINK_REFUSED' });
    expect(await world.app.database.read.users.listAssociations(ceo.id)).toEqual([]);
    expect(await world.users()).toHaveLength(1);
  });
});

describe('Facebook', () => {
  const ada = {
    id: '10158815',
    name: 'Ada Lovelace',
    first_name: 'Ada',
    last_name: 'Lovelace',
    email: 'ada@example.com',
  };
  let provider: OAuth2Provider;
  let connection: OAuth2Connection;
  beforeEach(async () => {
    provider = await createOAuth2Provider('127.0.0.3');
    const { id } = await connectGitHub(world, provider, 'Facebook');
    const { subjectClaim, claimMapping, scopes, emailsEndpoint, trustsVerifiedEmail, jit } =
      getConnectionDefaults('facebook');
    await changeConnection<OAuth2Connection>(world, { id }, (now) => {
      connection = {
        ...now,
        preset: 'facebook',
        subjectClaim,
        claimMapping,
        scopes,
        emailsEndpoint,
        trustsVerifiedEmail,
        jit,
      };
      return connection;
    });
    await world.publish({ steps: [{ options: [{ idp: 'Facebook' }] }], scriptEnabled: false });
    provider.misbehave({ userinfo: { body: ada } });
  });
  afterEach(() => provider?.close());

  async function comes() {
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Signed in');
    return (await askApplication(world, person)).claims;
  }

  it('tells who somebody is by its own number, and no address that counts as verified', async () => {
    const [first, second] = [await comes(), await comes()];
    expect(second['sub']).toBe(first['sub']);
    expect(first).toMatchObject({ given_name: 'Ada', family_name: 'Lovelace', email: 'ada@example.com' });
    expect(first['email_verified']).not.toBe(true);
    const [account, ...others] = await world.users();
    expect(others).toEqual([]);
    // Nobody is called by an address that may be somebody else's.
    expect(account).toMatchObject({ username: expect.stringMatching(/^person-/), verified: [] });
    expect(await world.app.database.read.users.findAssociation(connection.id, ada.id)).toMatchObject({
      userId: account!.id,
    });
    expect(provider.lastScope()).toBe('public_profile email');
  });

  it('tells no address of people who refuse it; with JIT off nobody is kept, and the sub stays', async () => {
    const { email: _refused, ...others } = ada;
    provider.misbehave({ userinfo: { body: others } });
    await changeConnection<OAuth2Connection>(world, connection, (now) => ({
      ...now,
      jit: { ...now.jit, enabled: false },
    }));
    const [first, second] = [await comes(), await comes()];
    expect(second['sub']).toBe(first['sub']);
    expect(first).toMatchObject({ given_name: 'Ada' });
    expect(first).not.toHaveProperty('email');
    expect(await world.users()).toEqual([]);
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { associationId } from '../../src/admin/people/association-id.ts';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { User } from '../../src/directory/user.ts';
import type { ConnectionId } from '../../src/kernel/ids.ts';
import { openUpstream } from '../../src/sessions/upstream.ts';
import type { Stores } from '../../src/stores.ts';
import { arrives, setLinking } from '../stories/linking-moves.ts';
import { comesThroughGoogle } from '../stories/moves.ts';
import { makeConnection, makeUser } from '../stories/seed.ts';
import { passwordOrGoogle } from '../stories/session-moves.ts';
import { password, startWorld, type World } from '../stories/world.ts';
import { readEachMoment } from './disk.ts';

/** Wherever the server dies in one of these requests, what is on disk is before it or after it, never between. */

const token = 'an-admin-token-of-the-test-with-enough-letters';
let world: World;
let grace: User;

beforeAll(async () => {
  world = await startWorld({ env: { STEPGATE_ADMIN_TOKEN: token } });
});
afterAll(() => world?.close());
beforeEach(async () => {
  for (const { id } of await world.users()) await world.app.database.unit(({ users }) => users.delete(id));
  await world.changeConnection((one) => ({ ...world.connection, revision: one.revision }));
  world.identityProvider.misbehave({});
  grace = await world.addUser('grace', { email: graceHopper.email });
});

const count = async ({ audit }: Stores, type: string, target: string | null) =>
  (await audit.list({ after: null, limit: 50, type })).filter((event) => event.target === target).length;

function publish(body: string): Promise<void> {
  const script = `function onLoginRequest(context) {
    executeStep(1, { onSuccess: function (context) { var person = context.currentKnownSubject; ${body} } });
  }`;
  return world.publish({ steps: [passwordOrGoogle], script });
}

const admin = (method: string, path: string) =>
  fetch(`${world.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } });

describe('a link', () => {
  const readLink = async (stores: Stores) => ({
    links: (await stores.users.listAssociations(grace.id)).length,
    made: await count(stores, 'association.created', grace.id),
    removed: await count(stores, 'association.removed', grace.id),
    accounts: (await stores.users.list({ after: null, limit: 10 })).length,
  });
  const unlinked = { links: 0, made: 0, removed: 0, accounts: 1 };
  const linked = { links: 1, made: 1, removed: 0, accounts: 1 };

  it('that a script makes (doAssociationWithLocalUser) is there with its event, or neither is', async () => {
    await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION' });
    await publish("doAssociationWithLocalUser(person, 'grace');");
    const { states, moments } = await readEachMoment(world.directory, () => arrives(world), readLink);
    expect(states).toEqual([unlinked, linked]);
    expect(moments).toBeGreaterThan(20);
  });

  it('that a script removes (removeAssociatedLocalUser) goes with its event, or neither does', async () => {
    await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION' });
    await publish("doAssociationWithLocalUser(person, 'grace');");
    await arrives(world);
    await publish('removeAssociatedLocalUser(person); fail();');
    const { states } = await readEachMoment(world.directory, () => arrives(world), readLink);
    expect(states).toEqual([linked, { ...linked, links: 0, removed: 1 }]);
  });

  it('that an admin removes goes with its event, or neither does', async () => {
    const link = { connectionId: world.connection.id, subject: 'g-1', userId: grace.id, createdAt: 0 };
    await world.app.database.unit(({ users }) => users.insertAssociation(link));
    const act = () => admin('DELETE', `/users/${grace.id}/associations/${associationId(link)}`);
    const { states } = await readEachMoment(world.directory, act, readLink);
    expect(states).toEqual([
      { ...unlinked, links: 1 },
      { ...unlinked, removed: 1 },
    ]);
  });
});

describe('an account of somebody from a provider', () => {
  const readAccount = async (stores: Stores) => {
    const accounts = await stores.users.list({ after: null, limit: 10 });
    const [account] = accounts;
    const events: Record<string, number> = {};
    for (const type of ['user.created', 'user.updated', 'association.created']) {
      events[type] = account ? await count(stores, type, account.id) : 0;
    }
    return {
      accounts: accounts.length,
      linked: (await stores.users.findAssociation(world.connection.id, graceHopper.sub)) !== null,
      named: account?.attributes.find(({ uri }) => uri.endsWith('/givenname'))?.value ?? null,
      ...events,
    };
  };
  const nobody = {
    accounts: 0,
    linked: false,
    named: null,
    'user.created': 0,
    'user.updated': 0,
    'association.created': 0,
  };
  const made = { ...nobody, accounts: 1, linked: true, named: 'Grace', 'user.created': 1, 'association.created': 1 };

  beforeEach(() => publish(''));

  it('is made with its attributes, link and events as they agree, or not at all', async () => {
    await world.app.database.unit(({ users }) => users.delete(grace.id));
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, scheme: 'PROMPT_CONSENT' } }));
    const person = await arrives(world);
    const act = () => person.chooses('create');
    const { states, moments } = await readEachMoment(world.directory, act, readAccount);
    expect(states).toEqual([nobody, made]);
    expect(moments).toBeGreaterThan(20);
  });

  it('is brought up to date with its event, or neither is done', async () => {
    await world.app.database.unit(({ users }) => users.delete(grace.id));
    await arrives(world);
    world.identityProvider.misbehave({ idToken: { given_name: 'Renamed' } });
    const { states } = await readEachMoment(world.directory, () => arrives(world), readAccount);
    expect(states).toEqual([made, { ...made, named: 'Renamed', 'user.updated': 1 }]);
  });

  it('that they prove by its password is linked, and is told what the provider says, or neither is done', async () => {
    await world.app.database.unit(({ users }) => users.delete(grace.id));
    await world.addUser('grace', { email: graceHopper.email, verified: [] });
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' });
    const person = await arrives(world);
    const act = () => person.submits({ password });
    const { states } = await readEachMoment(world.directory, act, readAccount);
    expect(states).toEqual([
      { ...nobody, accounts: 1 },
      { ...made, 'user.created': 0, 'user.updated': 1 },
    ]);
  });
});

it.each(['keep', 'lock', 'delete'] as const)(
  'a deleted connection whose people are to %s is off before the first of them is dealt with, and all go at once with it',
  async (people) => {
    const connection = makeConnection(world.box, {
      name: `Left ${people}`,
      issuer: world.identityProvider.url,
      clientId: 'stepgate',
      clientSecret: 'secret',
    });
    const left = ['ann', 'bob', 'cem'].map((name) => makeUser(`${name}-${people}`));
    await world.app.database.unit(async ({ connections, users }) => {
      await connections.insert(connection);
      for (const user of left) {
        await users.insert(user);
        const link = { connectionId: connection.id, subject: user.username, userId: user.id, createdAt: 0 };
        await users.insertAssociation(link);
      }
    });
    const read = async (stores: Stores) => {
      const found = await stores.connections.findById(connection.id);
      const accounts = await Promise.all(left.map(({ id }) => stores.users.findById(id)));
      return {
        connection: found ? (found.enabled ? 'on' : 'off') : 'gone',
        links: (await stores.users.listAssociationsOf(connection.id, 10)).length,
        accounts: accounts.map((user) => (user ? (user.locked ? 'locked' : 'open') : 'gone')).join(),
        told: await count(stores, 'connection.deleted', connection.id),
      };
    };
    const act = async () => {
      expect((await admin('DELETE', `/connections/${connection.id}?people=${people}`)).status).toBe(204);
    };
    const { states } = await readEachMoment(world.directory, act, read);
    const each = { keep: 'open', lock: 'locked', delete: 'gone' }[people];
    const before = { connection: 'on', links: 3, accounts: 'open,open,open', told: 0 };
    const after = { connection: 'gone', links: 0, accounts: [each, each, each].join(), told: 1 };
    expect(states).toEqual([before, { ...before, connection: 'off' }, after]);
  },
);

describe('a sign-in at a provider', () => {
  const asking = { share_federated_token: 'true' };

  /** Up to the code, by hand: the application of the stories asks for no shared token. */
  async function signsIn() {
    await world.changeConnection((now) => ({ ...now, sharesTokens: { applications: ['payroll'], scopes: [] } }));
    await world.app.database.unit(({ users }) => users.delete(grace.id));
    await publish('');
    const verifier = randomBytes(32).toString('base64url');
    const client = { client_id: 'payroll', redirect_uri: world.application.callbackUrl };
    const query = new URLSearchParams({
      ...client,
      ...asking,
      response_type: 'code',
      scope: 'openid',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    world.identityProvider.misbehave({ idToken: { sid: verifier } });
    const person = world.somebody();
    await person.opens(`${world.url}/oidc/authorize?${query}`);
    await comesThroughGoogle(person);
    const code = new URL(person.page().url).searchParams.get('code') ?? '';
    const form = { ...client, client_secret: 'the-application-s-own-secret', code_verifier: verifier };
    const redeem = async () => {
      const body = new URLSearchParams({ ...form, grant_type: 'authorization_code', code });
      return (await (await fetch(`${world.url}/oidc/token`, { method: 'POST', body })).json()) as Record<
        string,
        unknown
      >;
    };
    return { redeem, sid: verifier };
  }

  const readUpstream = async (stores: Stores, sid: string) => {
    const sessions = await stores.upstreamSessions.listBySid(world.connection.id as ConnectionId, sid);
    const browsers = await Promise.all(
      sessions.map(({ browserUid }) => browserUid && stores.sessions.findByBrowser(browserUid)),
    );
    return {
      upstream: sessions.length,
      sessions: browsers.filter(Boolean).length,
      token: sessions.some((session) => openUpstream(world.box, session).token !== null),
      shared: await count(stores, 'federated-token.shared', world.connection.id),
      told: await count(stores, 'upstream.signed-out', world.connection.id),
    };
  };

  it('gives its token out once: it is gone from the disk before the application has it', async () => {
    const { redeem, sid } = await signsIn();
    let given: Record<string, unknown> = {};
    const act = async () => {
      given = await redeem();
    };
    const { states } = await readEachMoment(world.directory, act, (stores) => readUpstream(stores, sid));
    const held = { upstream: 1, sessions: 1, token: true, shared: 0, told: 0 };
    expect(states).toEqual([held, { ...held, token: false, shared: 1 }]);
    expect(given).toHaveProperty('federated_tokens');
    expect(await redeem()).toMatchObject({ error: 'invalid_grant' });
  });

  it('that the provider ends takes the session here and its event along in one', async () => {
    const { redeem, sid } = await signsIn();
    await redeem();
    const now = Math.floor(Date.now() / 1000);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const claims = {
      iss: world.identityProvider.url,
      aud: 'stepgate',
      iat: now,
      exp: now + 120,
      jti: sid,
      events,
      sid,
    };
    const body = new URLSearchParams({ logout_token: await world.identityProvider.sign(claims) });
    const tells = () => fetch(`${world.url}/connections/${world.connection.id}/logout`, { method: 'POST', body });
    const { told, shared } = await readUpstream(world.app.database.read, sid);
    const { states } = await readEachMoment(world.directory, tells, (stores) => readUpstream(stores, sid));
    const held = { upstream: 1, sessions: 1, token: false, shared, told };
    expect(states).toEqual([held, { ...held, upstream: 0, sessions: 0, told: told + 1 }]);
    // The same message once more, as after an answer that was lost, ends nothing else.
    expect((await tells()).status).toBe(400);
  });
});

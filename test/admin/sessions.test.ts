import { afterAll, beforeAll, expect, test } from 'vitest';
import type { User } from '../../src/directory/user.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { sealSteps } from '../../src/sessions/steps.ts';
import { anApplication, anArtifact, aSession, aUser } from '../storage/samples.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let ann: User;
beforeAll(async () => {
  world = await createWorld();
  ann = aUser();
  await world.db.unit(({ users }) => users.insert(ann));
});
afterAll(() => world.close());

const key = Buffer.alloc(32, 7);
const box = createCryptoBox({ keys: new Map([['k', key]]), macKey: key });

/** A session with all that hangs on it. */
async function signIn(of: { user?: User; userAgent?: string; expiresIn?: number } = {}) {
  const {
    user,
    userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
    expiresIn = 60_000,
  } = of;
  const application = anApplication();
  const at = world.clock.time;
  const session = aSession({
    ...(user ? { userId: user.id, subject: user.subject } : {}),
    userAgent,
    loginTime: at,
    lastAccessTime: at,
    expiresAt: at + expiresIn,
    applications: [application.id],
  });
  const person = user
    ? { userId: user.id }
    : {
        federated: {
          connectionId: 'conn_1' as never,
          issuer: 'https://idp.example',
          subject: 'g-1',
          claims: { email: 'canary@example.com' },
        },
      };
  const stepsSealed = sealSteps(box, session.id, [{ idp: 'LOCAL', authenticator: 'totp', amr: ['otp'], at, person }]);
  const grant = anArtifact({ model: 'Grant' });
  const artifacts = [
    anArtifact({ model: 'Session', uid: session.browserUid }),
    anArtifact({ model: 'SignIn', id: grant.id, uid: session.browserUid, grantId: grant.id }),
    anArtifact({ model: 'AccessToken', grantId: grant.id }),
    grant,
  ];
  await world.db.unit(async (stores) => {
    await stores.applications.insert(application);
    await stores.sessions.insert({ ...session, stepsSealed });
    for (const artifact of artifacts) await stores.artifacts.upsert(artifact);
  });
  const left = async () => {
    const found = artifacts.map(({ model, id }) => world.db.read.artifacts.find(model, id));
    return (await Promise.all(found)).filter(Boolean).length;
  };
  return { session, application, left };
}

test('a session tells whose it is, from where, with what, and for which applications', async () => {
  const { session, application } = await signIn({ user: ann });
  const at = new Date(world.clock.time).toISOString();
  expect((await world.call('GET', `/sessions/${session.id}`)).body).toEqual({
    id: session.id,
    userId: ann.id,
    subject: ann.subject,
    ip: '203.0.113.7',
    userAgent: { rawString: session.userAgent, browser: 'Firefox', platform: 'Linux', device: 'Desktop' },
    loginTime: at,
    lastAccessTime: at,
    expiresAt: new Date(world.clock.time + 60_000).toISOString(),
    applications: [{ id: application.id, name: application.name }],
    steps: [{ idp: 'LOCAL', authenticator: 'totp', amr: ['otp'], at }],
  });
  await world.db.unit(({ applications }) => applications.delete(application.id));
  const { body } = await world.call('GET', `/sessions/${session.id}`);
  expect(body.applications).toEqual([{ id: application.id, name: null }]);
});

test('somebody without an account has sessions too, and nothing that a provider said is shown', async () => {
  const { session } = await signIn();
  const { body } = await world.call('GET', `/sessions/${session.id}`);
  expect(body).toMatchObject({ userId: null, subject: session.subject });
  expect(JSON.stringify(body)).not.toContain('canary');
});

test('they are listed newest first, page by page, all or those of an account', async () => {
  const bob = aUser();
  await world.db.unit(({ users }) => users.insert(bob));
  const made = [];
  for (let i = 0; i < 3; i++) {
    world.clock.time += 1000;
    made.unshift((await signIn({ user: bob })).session.id);
  }
  await signIn({ user: ann });
  const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(({ id }) => id);
  const first = await world.call('GET', `/sessions?userId=${bob.id}&limit=2`);
  expect(ids(first)).toEqual(made.slice(0, 2));
  const second = await world.call('GET', `/sessions?userId=${bob.id}&limit=2&cursor=${first.body.next}`);
  expect([ids(second), second.body.next]).toEqual([made.slice(2), undefined]);
  expect(ids(await world.call('GET', '/sessions'))).toEqual(expect.arrayContaining(made));
  expect(ids(await world.call('GET', '/sessions?userId=user_nobody'))).toEqual([]);
  expect((await world.call('GET', '/sessions?user=x')).status).toBe(422);
});

test('ending one ends its tokens and the browser’s own session, once, and no other', async () => {
  await world.happened();
  const mine = await signIn({ user: ann });
  const other = await signIn({ user: ann });
  expect([await mine.left(), await other.left()]).toEqual([4, 4]);
  expect((await world.call('DELETE', `/sessions/${mine.session.id}`)).status).toBe(204);
  expect([await mine.left(), await other.left()]).toEqual([0, 4]);
  expect(await world.call('DELETE', `/sessions/${mine.session.id}`)).toMatchObject({ status: 404 });
  expect(await world.call('GET', `/sessions/${mine.session.id}`)).toMatchObject({ status: 404 });
  expect(await world.happened()).toEqual(['session.ended']);
  expect((await world.events()).at(-1)).toMatchObject({
    actor: 'admin',
    target: ann.id,
    details: { session: mine.session.id, reason: 'terminated' },
  });
});

test.each([
  ['locking', { locked: true }, 'ACCOUNT_LOCKED'],
  ['disabling', { disabled: true }, 'ACCOUNT_DISABLED'],
  ['a new password for', { password: 'quite another password' }, 'ACCESS_DENIED'],
  ['deleting', null, 'ACCESS_DENIED'],
])('%s a person ends all their sessions', async (_what, patch, code) => {
  const cem = aUser();
  await world.db.unit(({ users }) => users.insert(cem));
  const mine = [await signIn({ user: cem }), await signIn({ user: cem })];
  const other = await signIn({ user: ann });
  await world.happened();
  await (patch ? world.call('PATCH', `/users/${cem.id}`, patch) : world.call('DELETE', `/users/${cem.id}`));
  for (const { session } of mine) expect(await world.db.read.sessions.findById(session.id)).toBeNull();
  expect(await world.db.read.sessions.findById(other.session.id)).not.toBeNull();
  expect((await world.happened()).filter((type) => type === 'session.ended')).toHaveLength(2);
  const ended = (await world.events()).filter(({ type }) => type === 'session.ended').slice(-2);
  for (const event of ended) expect(event).toMatchObject({ actor: 'system', code, details: { reason: 'account' } });
});

test('a session that is over is not shown, and its end is no event', async () => {
  const { session } = await signIn({ user: ann, expiresIn: 1 });
  world.clock.time += 2;
  await world.happened();
  expect((await world.call('GET', `/sessions/${session.id}`)).status).toBe(404);
  const { body } = await world.call('GET', `/sessions?userId=${ann.id}`);
  expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(session.id);
  await world.call('PATCH', `/users/${ann.id}`, { locked: true });
  const ended = (await world.events()).filter(
    ({ type, details }) => type === 'session.ended' && details['session'] === session.id,
  );
  expect(ended).toEqual([]);
});

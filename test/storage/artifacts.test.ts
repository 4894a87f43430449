import { describe, expect, test } from 'vitest';
import type { Artifact } from '../../src/oidc/artifact.ts';
import { dialects, useDatabase } from './dialects.ts';
import { anArtifact, now } from './samples.ts';

describe.each(dialects)('artifacts on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const put = (...artifacts: Artifact[]) =>
    storage.db.unit(async (stores) => {
      for (const artifact of artifacts) await stores.artifacts.upsert(artifact);
    });
  const exist = (...artifacts: Artifact[]) =>
    Promise.all(artifacts.map(async ({ model, id }) => (await storage.db.read.artifacts.find(model, id)) !== null));

  test('what was written is read, within its model', async () => {
    const session = anArtifact({ model: 'Session', uid: 'uid', accountId: 'user_1', expiresAt: null });
    const device = anArtifact({ model: 'DeviceCode', userCode: 'ABCD', grantId: 'grant' });
    await put(session, device);
    const { artifacts } = storage.db.read;
    expect(await artifacts.find('Session', session.id)).toEqual(session);
    expect(await artifacts.findByUid('Session', 'uid')).toEqual(session);
    expect(await artifacts.findByUserCode('DeviceCode', 'ABCD')).toEqual(device);
    expect(await artifacts.find('DeviceCode', session.id)).toBeNull();
    expect(await artifacts.findByUid('DeviceCode', 'uid')).toBeNull();
    expect(await artifacts.findByUserCode('Session', 'ABCD')).toBeNull();
  });

  test('writing again replaces all of it, and only it', async () => {
    const first = anArtifact({ grantId: 'grant', uid: 'uid', accountId: 'user_1' });
    const twin = anArtifact({ id: first.id, model: 'AccessToken' });
    const second = { ...first, payload: '{}', grantId: 'other', uid: null, accountId: null, expiresAt: null };
    await put(first, twin, second);
    expect(await storage.db.read.artifacts.find(first.model, first.id)).toEqual(second);
    expect(await storage.db.read.artifacts.find(twin.model, twin.id)).toEqual(twin);
  });

  test('it is consumed once, and no later writing undoes that', async () => {
    const code = anArtifact();
    const neighbour = anArtifact();
    await put(code, neighbour);
    const { db } = storage;
    const consume = (id: string, at: number) => db.unit(({ artifacts }) => artifacts.consume(code.model, id, at));
    expect([await consume(code.id, now), await consume(code.id, now + 1), await consume('gone', now)]).toEqual([
      true,
      false,
      false,
    ]);
    await put({ ...code, payload: '{"again":true}' });
    expect(await db.read.artifacts.find(code.model, code.id)).toEqual({
      ...code,
      payload: '{"again":true}',
      consumedAt: now,
    });
    expect(await consume(code.id, now + 2)).toBe(false);
    expect((await db.read.artifacts.find(neighbour.model, neighbour.id))?.consumedAt).toBeNull();
  });

  test('a grant’s and an account’s are revoked together, others stay', async () => {
    const token = anArtifact({ grantId: 'g1', accountId: 'u1' });
    const refresh = anArtifact({ model: 'RefreshToken', grantId: 'g1', accountId: 'u1' });
    const session = anArtifact({ model: 'Session', accountId: 'u1' });
    const other = anArtifact({ grantId: 'g2', accountId: 'u2' });
    const free = anArtifact();
    await put(token, refresh, session, other, free);
    await storage.db.unit(({ artifacts }) => artifacts.revokeByGrantId('g1'));
    expect(await exist(token, refresh, session, other, free)).toEqual([false, false, true, true, true]);
    const listed = await storage.db.read.artifacts.listByAccountId('Session', 'u1');
    expect(listed.map(({ id }) => id)).toEqual([session.id]);
    await storage.db.unit(({ artifacts }) => artifacts.revokeByAccountId('u1'));
    expect(await exist(session, other, free)).toEqual([false, true, true]);
    await storage.db.unit(({ artifacts }) => artifacts.destroy(other.model, other.id));
    expect(await exist(other, free)).toEqual([false, true]);
  });

  test('expired ones are removed, oldest first and no more than asked', async () => {
    const oldest = anArtifact({ expiresAt: now - 2 });
    const old = anArtifact({ expiresAt: now });
    const fresh = anArtifact({ expiresAt: now + 1 });
    const forever = anArtifact({ expiresAt: null });
    await put(old, fresh, oldest, forever);
    const remove = (limit: number) => storage.db.unit(({ artifacts }) => artifacts.deleteExpired(now, limit));
    expect(await remove(1)).toBe(1);
    expect(await exist(oldest, old, fresh, forever)).toEqual([false, true, true, true]);
    expect([await remove(10), await remove(10)]).toEqual([1, 0]);
    expect(await exist(old, fresh, forever)).toEqual([false, true, true]);
  });
});

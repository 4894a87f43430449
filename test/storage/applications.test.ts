import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { dialects, useDatabase } from './dialects.ts';
import { anApplication, aVersion, flow, now } from './samples.ts';

describe.each(dialects)('applications on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const all = () => storage.db.read.applications.list({ after: null, limit: 100 });
  const insert = (...applications: ReturnType<typeof anApplication>[]) =>
    storage.db.unit(async (stores) => {
      for (const application of applications) await stores.applications.insert(application);
    });

  test('what was written is read, by id, client id and name', async () => {
    const full = anApplication();
    const empty = anApplication({
      clientType: 'public',
      clientSecretHash: null,
      redirectUris: [],
      consent: 'skip',
      disabled: true,
      draft: null,
      liveVersion: 3,
    });
    await insert(full, empty);
    const { read } = storage.db;
    expect(await read.applications.findById(full.id)).toEqual(full);
    expect(await read.applications.findByClientId(full.clientId)).toEqual(full);
    expect(await read.applications.findByName(empty.name)).toEqual(empty);
  });

  test('what is not there is null, also under another spelling', async () => {
    const application = anApplication({ name: 'Payroll', clientId: 'payroll' });
    await insert(application);
    const { read } = storage.db;
    expect(await read.applications.findById(newId('app'))).toBeNull();
    expect(await read.applications.findByClientId('Payroll')).toBeNull();
    expect(await read.applications.findByName('payroll')).toBeNull();
    expect(await read.applications.findByName("' OR 1=1 --")).toBeNull();
  });

  test.each(['name', 'clientId', 'id'] as const)('a second one with the same %s is refused', async (field) => {
    const first = anApplication();
    await insert(first);
    await expect(insert(anApplication({ [field]: first[field] }))).rejects.toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    expect(await all()).toEqual([first]);
  });

  test('an update counts the revision up, and a late one changes nothing', async () => {
    const application = anApplication();
    const neighbour = anApplication();
    await insert(application, neighbour);
    const update = (changes: object) =>
      storage.db.unit((stores) => stores.applications.update({ ...application, ...changes }));
    expect(await update({ name: 'New', disabled: true, draft: null })).toBe(true);
    expect(await update({ name: 'Late' })).toBe(false);
    expect(await update({ name: 'Early', revision: 3 })).toBe(false);
    const changed = { ...application, name: 'New', disabled: true, draft: null, revision: 2 };
    expect(await storage.db.read.applications.findById(application.id)).toEqual(changed);
    expect(await storage.db.read.applications.findById(neighbour.id)).toEqual(neighbour);
  });

  test('an update to a name that is taken is refused', async () => {
    const [application, neighbour] = [anApplication(), anApplication()];
    await insert(application, neighbour);
    const update = storage.db.unit((stores) => stores.applications.update({ ...application, name: neighbour.name }));
    await expect(update).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(await storage.db.read.applications.findById(application.id)).toEqual(application);
  });

  test('a list goes on behind the last one, and ends', async () => {
    await insert(anApplication(), anApplication(), anApplication());
    const ids = (await all()).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    const page = async (after: string | null, limit: number) =>
      (await storage.db.read.applications.list({ after, limit })).map(({ id }) => id);
    expect(await page(null, 2)).toEqual(ids.slice(0, 2));
    expect(await page(ids[1] ?? null, 2)).toEqual(ids.slice(2));
    expect(await page(ids[2] ?? null, 2)).toEqual([]);
  });

  test('versions are listed newest first, are withdrawn once, and go with their application', async () => {
    const [application, neighbour] = [anApplication(), anApplication()];
    await insert(application, neighbour);
    await storage.db.unit(async ({ applications }) => {
      await applications.insertVersion(aVersion(application, 1, { note: 'first' }));
      await applications.insertVersion(aVersion(application, 2));
      await applications.insertVersion(aVersion(neighbour, 1));
      await applications.withdrawVersion(application.id, 1, now + 10);
      await applications.withdrawVersion(application.id, 1, now + 20);
    });
    const { read } = storage.db;
    const first = aVersion(application, 1, { note: 'first', withdrawnAt: now + 10 });
    expect(await read.applications.listVersions(application.id)).toEqual([aVersion(application, 2), first]);
    expect(await read.applications.findVersion(application.id, 1)).toEqual(first);
    expect(await read.applications.findVersion(application.id, 3)).toBeNull();
    expect((await read.applications.findVersion(neighbour.id, 1))?.flow).toEqual(flow);

    await storage.db.unit(({ applications }) => applications.delete(application.id));
    expect(await read.applications.listVersions(application.id)).toEqual([]);
    expect(await read.applications.findById(application.id)).toBeNull();
    expect(await read.applications.listVersions(neighbour.id)).toEqual([aVersion(neighbour, 1)]);
  });

  test.each([
    ['a number that is taken', 'CONFLICT', 1, false],
    ['an application that is gone', 'NOT_FOUND', 1, true],
  ])('a version with %s is refused', async (_, code, number, gone) => {
    const application = anApplication();
    await insert(application);
    await storage.db.unit(({ applications }) => applications.insertVersion(aVersion(application, 1)));
    if (gone) await storage.db.unit(({ applications }) => applications.delete(application.id));
    const second = aVersion(application, number, { note: 'second' });
    await expect(storage.db.unit(({ applications }) => applications.insertVersion(second))).rejects.toThrow(
      expect.objectContaining({ code }),
    );
    expect((await storage.db.read.applications.findVersion(application.id, 1))?.note ?? null).toBeNull();
  });
});

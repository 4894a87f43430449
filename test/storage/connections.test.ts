import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aConnection, aUser, now } from './samples.ts';

describe.each(dialects)('connections on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const all = () => storage.db.read.connections.list({ after: null, limit: 100 });
  const insert = (connection: Connection) => storage.db.unit((stores) => stores.connections.insert(connection));

  test('what was written is read, and a space in a name is as good as an underscore', async () => {
    const connection = aConnection({ name: 'My IdP_1' });
    const other = aConnection({ enabled: false, clientSecretSealed: null, trustsVerifiedEmail: true, scopes: [] });
    await insert(connection);
    await insert(other);
    const { connections } = storage.db.read;
    expect(await connections.findById(connection.id)).toEqual(connection);
    expect(await connections.findById(other.id)).toEqual(other);
    for (const name of ['My IdP_1', 'My_IdP_1', 'My IdP 1']) {
      expect(await connections.findByName(name)).toEqual(connection);
    }
    for (const name of ['my idp 1', 'MyIdP1', 'My%IdP%1', '']) expect(await connections.findByName(name)).toBeNull();
  });

  test('a name that another has, but for its spaces, is refused', async () => {
    const first = aConnection({ name: 'My IdP' });
    const second = aConnection({ name: 'Other' });
    await insert(first);
    await insert(second);
    await expect(insert(aConnection({ name: 'My_IdP' }))).rejects.toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    await expect(storage.db.unit((stores) => stores.connections.update({ ...second, name: 'My_IdP' }))).rejects.toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    expect(new Set(await all())).toEqual(new Set([first, second]));
  });

  test('a mail domain leads to one connection, as long as that has it', async () => {
    const first = aConnection({ domains: ['example.com', 'example.net'] });
    const second = aConnection();
    await insert(first);
    await insert(second);
    const { connections } = storage.db.read;
    const change = (connection: Connection) => storage.db.unit((stores) => stores.connections.update(connection));
    expect(await connections.findByDomain('example.net')).toEqual(first);
    expect(await connections.findByDomain('example.org')).toBeNull();
    const taken = expect.objectContaining({ code: 'CONFLICT' });
    await expect(change({ ...second, domains: ['example.org', 'example.com'] })).rejects.toThrow(taken);
    expect(await connections.findByDomain('example.org')).toBeNull();
    await change({ ...first, domains: ['example.net'] });
    expect(await change({ ...second, domains: ['example.com'] })).toBe(true);
    expect(await connections.findByDomain('example.com')).toMatchObject({ id: second.id });
    await storage.db.unit((stores) => stores.connections.delete(second.id));
    expect(await connections.findByDomain('example.com')).toBeNull();
  });

  test('an update counts the revision up, and a late one changes nothing', async () => {
    const connection = aConnection();
    await insert(connection);
    const update = (issuer: string) =>
      storage.db.unit((stores) => stores.connections.update({ ...connection, issuer }));
    expect(await update('https://new.example')).toBe(true);
    expect(await update('https://late.example')).toBe(false);
    expect(await all()).toEqual([{ ...connection, issuer: 'https://new.example', revision: 2 }]);
  });

  test('the links of its people go with it, and nobody else’s', async () => {
    const [gone, kept] = [aConnection(), aConnection()];
    const user = aUser();
    await storage.db.unit(async ({ connections, users }) => {
      await connections.insert(gone);
      await connections.insert(kept);
      await users.insert(user);
      for (const { id } of [gone, kept]) {
        await users.insertAssociation({ connectionId: id, subject: 'g-1', userId: user.id, createdAt: now });
      }
      await connections.delete(gone.id);
    });
    expect(await all()).toEqual([kept]);
    expect(await storage.db.read.users.findAssociation(gone.id, 'g-1')).toBeNull();
    expect((await storage.db.read.users.listAssociations(user.id)).length).toBe(1);
    expect(await storage.db.read.users.findById(user.id)).toEqual(user);
  });
});

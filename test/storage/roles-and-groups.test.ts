import { describe, expect, test } from 'vitest';
import type { Group } from '../../src/directory/group.ts';
import type { Role } from '../../src/directory/role.ts';
import type { User } from '../../src/directory/user.ts';
import { newId } from '../../src/kernel/ids.ts';
import { dialects, useDatabase } from './dialects.ts';
import { anApplication, aUser, now } from './samples.ts';

const aRole = (changes: Partial<Role> = {}): Role => ({
  id: newId('role'),
  name: 'approver',
  applicationId: null,
  createdAt: now,
  updatedAt: now,
  revision: 1,
  ...changes,
});
const aGroup = (changes: Partial<Group> = {}): Group => ({
  id: newId('group'),
  name: 'staff',
  createdAt: now,
  updatedAt: now,
  revision: 1,
  ...changes,
});
const page = { after: null, limit: 100 };
const conflict = expect.objectContaining({ code: 'CONFLICT' });

describe.each(dialects)('roles and groups on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const application = anApplication();
  const withApplication = () => storage.db.unit(({ applications }) => applications.insert(application));
  const insert = (...users: User[]) =>
    storage.db.unit(async (stores) => {
      for (const user of users) await stores.users.insert(user);
    });
  const read = (user: User) => storage.db.read.users.findById(user.id);

  test('a role’s name is taken once in the organisation, and once in each application', async () => {
    await withApplication();
    const [ours, theirs] = [aRole(), aRole({ applicationId: application.id })];
    await storage.db.unit(async ({ roles }) => {
      await roles.insert(ours);
      await roles.insert(theirs);
    });
    await expect(storage.db.unit(({ roles }) => roles.insert(aRole()))).rejects.toThrow(conflict);
    const { roles } = storage.db.read;
    expect(await roles.findByName('approver', null)).toEqual(ours);
    expect(await roles.findByName('approver', application.id)).toEqual(theirs);
    expect(await roles.findByName('Approver', null)).toBeNull();
    expect(await roles.list({ ...page, applicationId: null })).toEqual([ours]);
    expect(await roles.list({ ...page, applicationId: application.id })).toEqual([theirs]);
    expect(new Set(await roles.list(page))).toEqual(new Set([ours, theirs]));
  });

  test('naming a role or group with a person makes it; the next person has the same', async () => {
    const first = aUser({ roles: [{ name: 'x', origin: 'admin' }], groups: [{ name: 'g', origin: 'admin' }] });
    const second = aUser({ roles: [{ name: 'x', origin: 'script' }], groups: [{ name: 'g', origin: 'script' }] });
    await insert(first, second);
    const [role] = await storage.db.read.roles.list(page);
    const [group] = await storage.db.read.groups.list(page);
    expect(await storage.db.read.roles.list(page)).toHaveLength(1);
    expect(role).toMatchObject({ name: 'x', applicationId: null, revision: 1 });
    const members = [
      { id: first.id, username: first.username, origin: 'admin' },
      { id: second.id, username: second.username, origin: 'script' },
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await storage.db.read.roles.listMembers(role!.id, page)).toEqual(members);
    expect(await storage.db.read.groups.listMembers(group!.id, page)).toEqual(members);
    expect(await storage.db.read.groups.listMembers(group!.id, { after: members[0]!.id, limit: 1 })).toEqual([
      members[1],
    ]);
  });

  test('a person’s roles are written with the account: what is left out is gone, its origin changes', async () => {
    await withApplication();
    const user = aUser({
      roles: [
        { name: 'a', origin: 'admin' },
        { name: 'b', origin: 'admin' },
      ],
      applicationRoles: [{ name: 'a', applicationId: application.id, origin: 'script' }],
      groups: [{ name: 'a', origin: 'admin' }],
    });
    await insert(user);
    expect(await read(user)).toEqual(user);
    const after = { ...user, roles: [{ name: 'b', origin: 'script' as const }], applicationRoles: [] };
    expect(await storage.db.unit(({ users }) => users.update(after))).toBe(true);
    expect(await read(user)).toEqual({ ...after, revision: 2 });
    expect(await storage.db.read.users.list(page)).toEqual([{ ...after, revision: 2 }]);
  });

  test('a late update changes no role either', async () => {
    const user = aUser();
    await insert(user);
    const late = { ...user, revision: 7, roles: [], groups: [{ name: 'late', origin: 'admin' as const }] };
    expect(await storage.db.unit(({ users }) => users.update(late))).toBe(false);
    expect(await read(user)).toEqual(user);
    expect(await storage.db.read.groups.list(page)).toEqual([]);
  });

  test('renamed, it keeps its people; deleted, it is gone from them', async () => {
    const user = aUser({ roles: [{ name: 'x', origin: 'admin' }], groups: [{ name: 'g', origin: 'admin' }] });
    await insert(user);
    const [role] = await storage.db.read.roles.list(page);
    const [group] = await storage.db.read.groups.list(page);
    await storage.db.unit(async ({ roles, groups }) => {
      expect(await roles.update({ ...role!, name: 'y' })).toBe(true);
      expect(await roles.update({ ...role!, name: 'late' })).toBe(false);
      expect(await groups.update({ ...group!, name: 'h' })).toBe(true);
    });
    expect(await read(user)).toMatchObject({ roles: [{ name: 'y' }], groups: [{ name: 'h' }] });
    await storage.db.unit(async ({ roles, groups }) => {
      await roles.delete(role!.id);
      await groups.delete(group!.id);
    });
    expect(await read(user)).toEqual({ ...user, roles: [], groups: [] });
  });

  test('an update to a taken name is refused', async () => {
    const [one, other] = [aRole({ name: 'one' }), aRole({ name: 'other' })];
    const [staff, crew] = [aGroup(), aGroup({ name: 'crew' })];
    await storage.db.unit(async ({ roles, groups }) => {
      await roles.insert(one);
      await roles.insert(other);
      await groups.insert(staff);
      await groups.insert(crew);
    });
    await expect(storage.db.unit(({ roles }) => roles.update({ ...one, name: 'other' }))).rejects.toThrow(conflict);
    await expect(storage.db.unit(({ groups }) => groups.update({ ...staff, name: 'crew' }))).rejects.toThrow(conflict);
    await expect(storage.db.unit(({ groups }) => groups.insert(aGroup()))).rejects.toThrow(conflict);
    expect(await storage.db.read.groups.findByName('staff')).toEqual(staff);
    expect(await storage.db.read.groups.findById(crew.id)).toEqual(crew);
  });

  test('with an application go its roles, with a person their membership', async () => {
    await withApplication();
    const user = aUser({ applicationRoles: [{ name: 'a', applicationId: application.id, origin: 'admin' }] });
    const other = aUser({ groups: [{ name: 'g', origin: 'admin' }] });
    await insert(user, other);
    await storage.db.unit(async ({ applications, users }) => {
      await applications.delete(application.id);
      await users.delete(other.id);
    });
    expect(await read(user)).toEqual({ ...user, applicationRoles: [] });
    const [group] = await storage.db.read.groups.list(page);
    expect(await storage.db.read.groups.listMembers(group!.id, page)).toEqual([]);
  });

  test('people are found by all of several attributes together', async () => {
    const uri = (name: string) => `http://wso2.org/claims/${name}`;
    const attribute = (name: string, value: string) => ({ uri: uri(name), value, origin: 'admin' as const });
    const [country, city, team] = [attribute('country', 'NL'), attribute('city', 'Utrecht'), attribute('team', 'red')];
    const people = [
      aUser({ attributes: [country, city, team] }),
      aUser({ attributes: [country, city] }),
      aUser({ attributes: [country] }),
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    await insert(...people);
    const find = async (wanted: { uri: string; value: string }[], limit = 10) =>
      (await storage.db.read.users.findByAttributes(wanted, limit)).map(({ id }) => id);
    const having = (...wanted: (typeof country)[]) =>
      people.filter(({ attributes }) => wanted.every((each) => attributes.includes(each))).map(({ id }) => id);
    expect(await find([country])).toEqual(having(country));
    expect(await find([country, city])).toEqual(having(country, city));
    expect(await find([team, city, country])).toEqual(having(team));
    expect(await find([country], 2)).toEqual(having(country).slice(0, 2));
    expect(await find([country, attribute('city', 'utrecht')])).toEqual([]);
    expect(await find([])).toEqual([]);
  });
});

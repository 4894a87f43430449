import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { newId } from '../../src/kernel/ids.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** What scripts ask and change of roles, and whom they find. */

let world: World;
let ann: User;

beforeAll(async () => {
  world = await startWorld();
  const applicationId = world.registered.id;
  await world.app.database.unit(async ({ roles }) => {
    const role = { createdAt: 0, updatedAt: 0, revision: 1 };
    for (const name of ['clerk', 'manager', 'auditor', 'Admin'])
      await roles.insert({ ...role, id: newId('role'), name, applicationId: null });
    for (const name of ['approver', 'admin', 'reader'])
      await roles.insert({ ...role, id: newId('role'), name, applicationId });
  });
  ann = await world.addUser('ann', {
    email: 'ann@example.com',
    roles: [{ name: 'clerk', origin: 'admin' }],
    applicationRoles: [{ name: 'approver', applicationId, origin: 'admin' }],
    attributes: [
      { uri: claims.email, value: 'ann@example.com', origin: 'admin' },
      { uri: 'http://wso2.org/claims/department', value: 'sales', origin: 'admin' },
      { uri: 'http://wso2.org/claims/costCentre', value: '42', origin: 'admin' },
    ],
  });
  await world.addUser('bob', {
    attributes: [{ uri: 'http://wso2.org/claims/department', value: 'sales', origin: 'admin' }],
  });
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

/** Runs a body as the onSuccess of step 1, and gives back what it logged. */
async function plays(
  body: string,
  answers: (person: Person) => Promise<unknown> = (person) => typesPassword(person, 'ann'),
): Promise<{ person: Person; log: string[] }> {
  await world.publish({
    script: `function onLoginRequest(context) {\nexecuteStep(1, { onSuccess: function (context) {\nvar user = context.currentKnownSubject;\n${body}\n} });\n}`,
  });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await answers(person);
  return { person, log: (await readScriptLog(world, id)).map((line) => line.replace(/^\w+ \d+: /, '')) };
}

const readUser = async (username: string) => (await world.users()).find((user) => user.username.startsWith(username));
const rolesOf = (user: User | undefined) => user?.roles.map(({ name, origin }) => `${name} ${origin}`);

describe('Roles', () => {
  it('of the organisation and of the application are asked for apart', async () => {
    const { log } =
      await plays(`Log.info(hasAnyOfTheRoles(user, ['x', 'clerk']), hasAnyOfTheRoles(user, ['approver']), hasAnyOfTheRoles(user, []));
Log.info(isAnyOfTheRolesAssignedToUser(user, ['clerk']), isAnyOfTheRolesAssignedToUser(user, ['Clerk']));
Log.info(hasAnyOfTheRolesV2(context, ['x', 'approver']), hasAnyOfTheRolesV2(context, ['clerk']));
Log.info(hasRole(user, 'approver'), user.roles);`);
    expect(log).toEqual(['true false false', 'true false', 'true false', 'false ["clerk"]']);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('before anybody has signed in, nobody has one of the application, and none can be given', async () => {
    await world.publish({
      script: `function onLoginRequest(context) { if (!hasAnyOfTheRolesV2(context, ['approver'])) { assignUserRolesV2(context, ['reader']); } executeStep(1); }`,
    });
    const { code, event } = await readRefusal(world, await beginsSignIn(world));
    expect({ code, detail: JSON.stringify(event) }).toEqual({
      code: 'SCRIPT_ERROR',
      detail: expect.stringContaining('nobody has proven who they are'),
    });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('are not taken of the application before anybody has signed in', async () => {
    await world.publish({
      script: "function onLoginRequest(context) { removeUserRolesV2(context, ['approver']); executeStep(1); }",
    });
    const { code, event } = await readRefusal(world, await beginsSignIn(world));
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toContain('removeUserRolesV2: nobody has proven who they are');
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('named twice are given once', async () => {
    await world.addUser('twice');
    await plays(
      "assignUserRoles(user, ['manager', 'manager']); assignUserRolesV2(context, ['reader', 'reader']);",
      (one) => typesPassword(one, 'twice'),
    );
    const twice = await readUser('twice');
    expect(rolesOf(twice)).toEqual(['manager script']);
    expect(twice?.applicationRoles).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'user.updated': 2, 'login.succeeded': 1 });
  });

  it('are given and taken at once, each with an event that has before and after; what is so already is no change', async () => {
    const { log } =
      await plays(`Log.info(user.roles, assignUserRoles(user, ['manager', 'clerk']), user.roles, hasRole(user, 'manager'));
Log.info(assignUserRoles(user, ['manager']), removeUserRoles(user, ['clerk']), hasRole(user, 'clerk'));
Log.info(assignUserRolesV2(context, ['reader', 'admin']), removeUserRolesV2(context, ['approver']));
Log.info(hasAnyOfTheRolesV2(context, ['reader']), hasAnyOfTheRolesV2(context, ['approver']));`);
    expect(log).toEqual(['["clerk"] true ["clerk","manager"] true', 'true true false', 'true true', 'true false']);
    const after = await readUser('ann');
    expect(rolesOf(after)).toEqual(['manager script']);
    expect(after?.applicationRoles.map(({ name, applicationId }) => [name, applicationId])).toEqual([
      ['reader', world.registered.id],
      ['admin', world.registered.id],
    ]);
    expect(await world.happened()).toEqual({ 'user.updated': 4, 'login.succeeded': 1 });
    const events = await world.app.database.read.audit.list({ after: null, limit: 4, type: 'user.updated' });
    const app = world.registered.id;
    expect(events.map(({ actor, target, details }) => ({ actor, target, changes: details['changes'] }))).toEqual(
      [
        [{ what: `role:${app}:approver`, before: 'true', after: null }],
        [
          { what: `role:${app}:reader`, before: null, after: 'true' },
          { what: `role:${app}:admin`, before: null, after: 'true' },
        ],
        [{ what: 'role:clerk', before: 'true', after: null }],
        [{ what: 'role:manager', before: null, after: 'true' }],
      ].map((changes) => ({ actor: 'script', target: ann.id, changes })),
    );
  });

  it.each([
    [`assignUserRoles(user, ['clerk', 'nosuch'])`, 'has no role «nosuch»'],
    [`removeUserRoles(user, ['approver'])`, 'has no role «approver»'],
    [`assignUserRolesV2(context, ['manager'])`, 'has no role «manager»'],
    [`assignUserRoles(user, ['auditor'])`, '«auditor» is an administration role'],
    [`assignUserRoles(user, ['Admin'])`, '«Admin» is an administration role'],
    [`assignUserRoles(user, ['owner'])`, '«owner» is an administration role'],
    [`removeUserRoles(user, ['clerk', ' author '])`, '« author » is an administration role'],
  ])('%s ends the sign-in as a script error, and changes nothing', async (call, says) => {
    const before = await readUser('ann');
    const { person } = await plays(`${call};`);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(JSON.stringify(event)).toContain(says);
    expect(await readUser('ann')).toEqual(before);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('given after the verdict are not given', async () => {
    const before = await readUser('ann');
    await plays(`fail(); assignUserRoles(user, ['clerk']);`);
    expect(await readUser('ann')).toEqual(before);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('given to somebody whose account is yet to be made come with it', async () => {
    const { log } = await plays(
      `Log.info(assignUserRoles(user, ['clerk', 'manager']), removeUserRoles(user, ['clerk']), assignUserRolesV2(context, ['reader']), user.roles);`,
      (person) => comesThroughGoogle(person),
    );
    expect(log).toEqual(['true true true []']);
    const grace = await readUser('grace');
    expect(rolesOf(grace)).toEqual(['manager script']);
    expect(grace?.applicationRoles).toMatchObject([{ name: 'reader', origin: 'script' }]);
    expect(await world.happened()).toEqual({
      'user.created': 1,
      'association.created': 1,
      'user.updated': 1,
      'login.succeeded': 1,
    });
  });

  it('given to somebody for whom the script asks for no account are not given, and the script is told', async () => {
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1, { stepOptions: { provisionUser: 'false' } }, { onSuccess: function (context) {
          var given = assignUserRoles(context.currentKnownSubject, ['clerk']) || assignUserRolesV2(context, ['reader']);
          if (given !== false) { fail(); }
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    expect(await readUser('alan')).toBeUndefined();
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('given to somebody who gets no account are not given, and the script is told', async () => {
    await world.changeConnection((connection) => ({ ...connection, jit: { ...connection.jit, enabled: false } }));
    const { person } = await plays(`if (assignUserRoles(user, ['clerk']) !== false) { fail(); }`, (one) =>
      comesThroughGoogle(one, 'Alan Turing'),
    );
    expect(person.isAt()).toBe('Signed in');
    expect(await readUser('alan')).toBeUndefined();
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    await world.changeConnection((connection) => ({ ...connection, jit: { ...connection.jit, enabled: true } }));
  });
});

describe('A search', () => {
  const department = 'http://wso2.org/claims/department';

  it.each([
    [`{ '${department}': 'sales', costCentre: 42 }`, 'ann'],
    [`{ costCentre: '42' }`, 'ann'],
    [`{ username: 'BOB' }`, 'bob'],
    [`{ username: 'PRIMARY/bob' }`, 'bob'],
    [`{ username: 'default/bob' }`, 'bob'],
    [`{ username: 'SECONDARY/bob' }`, null],
    [`{ userid: user.uniqueId }`, 'ann'],
    [`{ userid: user.uniqueId, username: 'ann' }`, 'ann'],
    [`{ userid: user.uniqueId, username: 'bob' }`, null],
    [`{ userid: 'nobody' }`, null],
    [`{ username: 'bob', department: 'sales' }`, 'bob'],
    [`{ department: 'sales' }`, null],
    [`{ department: 'Sales' }`, null],
    [`{ department: '' }`, null],
    [`{ username: 'bob', costCentre: '42' }`, null],
    [`{ username: '\\u202e' }`, null],
    [`{ emailaddress: '%' }`, null],
  ])('for the one person with %s finds %s', async (wanted, expected) => {
    const { log } = await plays(
      `var one = getUniqueUserWithClaimValues(${wanted}, context); Log.info(one === null ? 'nobody' : one.username);`,
    );
    expect(log).toEqual([expected ?? 'nobody']);
  });

  it('for several gives user objects, safe to loop over; the own object is the same', async () => {
    const { log } = await plays(`var users = getUsersWithClaimValues({ '${department}': 'sales' }, context);
var names = []; for (var i = 0; i < users.length; i++) { names.push(users[i].username); }
users.forEach(function (one) { names.push(one === user); });
Log.info(names.sort().join(' '), Array.isArray(users), getUsersWithClaimValues({ costCentre: 'none' }, context).length);`);
    expect(log).toEqual(['ann bob false true true 0']);
  });

  it('gives no more than 50 people', async () => {
    for (let n = 0; n < 60; n++) {
      await world.addUser(`crew${n}`, {
        attributes: [{ uri: 'http://wso2.org/claims/team', value: 'crew', origin: 'admin' }],
      });
    }
    const { log } = await plays(
      `var users = getUsersWithClaimValues({ team: 'crew' }, context); Log.info(users.length, getUniqueUserWithClaimValues({ team: 'crew' }, context));`,
    );
    expect(log).toEqual(['50 null']);
  });

  it('for nothing, or for too much, is a script error', async () => {
    for (const wanted of ['{}', `{ a1: 1, a2: 1, a3: 1, a4: 1, a5: 1, a6: 1, a7: 1, a8: 1, a9: 1, a10: 1, a11: 1 }`]) {
      const { person } = await plays(`getUniqueUserWithClaimValues(${wanted}, context);`);
      expect(await readRefusal(world, person)).toMatchObject({ code: 'SCRIPT_ERROR' });
    }
    expect(await world.happened()).toEqual({ 'login.failed': 2 });
  });

  it('who is found can be changed, and does not become who signs in', async () => {
    const { log } = await plays(`var bob = getUniqueUserWithClaimValues({ username: 'bob' }, context);
bob.localClaims.nickname = 'Bobby'; assignUserRoles(bob, ['clerk']);
Log.info(bob.localClaims.nickname, context.currentKnownSubject.username);`);
    expect(log).toEqual(['Bobby ann']);
    expect(rolesOf(await readUser('bob'))).toEqual(['clerk script']);
    expect(await world.happened()).toEqual({ 'user.updated': 2, 'login.succeeded': 1 });
  });

  it('tells the person nothing: found or not, the same page', async () => {
    const pages = [];
    for (const name of ['bob', 'nobody']) {
      const { person } = await plays(
        `var found = getUniqueUserWithClaimValues({ username: '${name}' }, context); if (found || !found) { fail(); }`,
      );
      pages.push(person.page().text.replaceAll(/[A-Z0-9]{5}-[A-Z0-9]{5}/g, 'reference'));
    }
    expect(pages[0]).toBe(pages[1]);
  });
});

describe('Somebody who is no person of this sign-in', () => {
  it.each([
    "hasRole(other, 'clerk')",
    "hasAnyOfTheRoles(other, ['clerk'])",
    "isAnyOfTheRolesAssignedToUser(other, ['clerk'])",
    "isMemberOfAnyOfGroups(other, ['staff'])",
    "assignUserRoles(other, ['clerk'])",
    "removeUserRoles(other, ['clerk'])",
    'getAssociatedLocalUser(other)',
    "doAssociationWithLocalUser(other, 'ann')",
    'removeAssociatedLocalUser(other)',
    'getUserSessions(other)',
    "terminateUserSession(other, 'x')",
    "updateUserPassword(other, 'three new words')",
    "updateUserPassword(other, 'short')",
    "sendEmail(other, 'UnseenDeviceLogin')",
  ])('is not reached by their id: %s', async (call) => {
    const other = await world.addUser('other', { email: 'other@example.com' });
    const hash = await world.app.database.read.users.findPasswordHash(other.id);
    const { person } = await plays(`var other = { $user: '${other.id}' }; Log.info(${call});`);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toMatch(
      new RegExp(
        `^${call.split('(')[0]}: (user|fedUser) must be a user object of this sign-in, and another one was given`,
      ),
    );
    expect(await readUser('other')).toEqual(other);
    expect(await world.app.database.read.users.findPasswordHash(other.id)).toBe(hash);
    expect(await world.app.database.read.outbox.findNextDue()).toBeNull();
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    await world.app.database.unit(({ users }) => users.delete(other.id));
  });
});

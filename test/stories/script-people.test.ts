import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { claims, readClaims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { startWorld, type World } from './world.ts';

/** What a script sees of people, and may change of them. */

let world: World;
let ann: User;

beforeAll(async () => {
  world = await startWorld();
  ann = await world.addUser('ann', {
    email: 'ann@example.com',
    roles: [{ name: 'payroll-manager', origin: 'admin' }],
    groups: [{ name: 'staff', origin: 'admin' }],
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
  parameters: Record<string, string> = {},
): Promise<{ person: Person; log: string[] }> {
  await world.publish({
    script: `function onLoginRequest(context) {\nexecuteStep(1, { onSuccess: function (context) {\nvar user = context.currentKnownSubject;\n${body}\n} });\n}`,
  });
  const person = await beginsSignIn(world, parameters);
  const id = loginIdOf(person);
  await answers(person);
  return { person, log: await readScriptLog(world, id) };
}

const asGrace = (person: Person) => comesThroughGoogle(person);
const read = async () => readClaims((await world.app.database.read.users.findById(ann.id))!);

describe('Of somebody with an account', () => {
  it('the script sees account, roles and attributes, and the step that was passed', async () => {
    const { log, person } = await plays(
      `Log.info(user.username, user.identifier, user.userStoreDomain, user.tenantDomain, user.uniqueId);
Log.warn(user.roles, user.localClaims.emailaddress, user.localClaims['${claims.email}']);
Log.error(user.remoteClaims, context.steps[1].idp, context.steps[1].authenticator, context.steps[1].subject === user);
console.log(context.steps[2].subject, context.serviceProviderName, context.request.ip);
Log.debug({ options: context.steps[2].options.length }, Object.keys(user).length > 5);`,
    );
    expect(person.isAt()).toBe('Signed in');
    expect(log).toEqual([
      `info 4: ann ann PRIMARY carbon.super ${ann.id}`,
      'warn 5: ["payroll-manager"] ann@example.com ann@example.com',
      'error 6: null LOCAL BasicAuthenticator true',
      'info 7: null Payroll 127.0.0.1',
      'debug 8: {"options":2} true',
    ]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('roles and groups can be asked for', async () => {
    const { log } = await plays(`Log.info(hasRole(user, 'payroll-manager'), hasRole(user, 'staff'), hasRole(user, ''));
Log.info(isMemberOfAnyOfGroups(user, ['navy', 'staff']), isMemberOfAnyOfGroups(user, ['payroll-manager']), isMemberOfAnyOfGroups(user, []));`);
    expect(log).toEqual(['info 4: true false false', 'info 5: true false false']);
  });

  it('what it writes to localClaims is in the account at once, with an event by the script', async () => {
    const { log } = await plays(`user.localClaims['${claims.nickname}'] = 'Annie';
user.localClaims.costCentre = 42;
Log.info(user.localClaims.nickname, user.localClaims['http://wso2.org/claims/costCentre']);
delete user.localClaims.costCentre;
Log.info(user.localClaims.costCentre);`);
    expect(log).toEqual(['info 6: Annie 42', 'info 8: undefined']);
    expect(await read()).toMatchObject({ [claims.nickname]: 'Annie', [claims.email]: 'ann@example.com' });
    expect(await read()).not.toHaveProperty(['http://wso2.org/claims/costCentre']);
    expect(await world.happened()).toEqual({ 'user.updated': 3, 'login.succeeded': 1 });
    const [, , first] = await world.app.database.read.audit.list({ after: null, limit: 3, type: 'user.updated' });
    expect(first).toMatchObject({
      actor: 'script',
      target: ann.id,
      details: { changes: [{ what: claims.nickname, before: null, after: 'Annie' }] },
    });
  });

  it('changes stay even when the sign-in fails afterwards; after the verdict nothing is changed', async () => {
    const { person, log } = await plays(
      `user.localClaims.nickname = 'before'; fail(); user.localClaims.nickname = 'after';`,
    );
    expect(person.isAt()).toBe('Sign-in was refused');
    expect(await read()).toMatchObject({ [claims.nickname]: 'before' });
    expect(log.join()).toContain('was refused: the sign-in has been decided');
    expect(await world.happened()).toEqual({ 'user.updated': 1, 'login.failed': 1 });
  });

  it.each(['username', 'http://wso2.org/claims/username', 'userid', 'http://wso2.org/claims/userid'])(
    'what tells of the account itself is not written: %s',
    async (claim) => {
      for (const come of [(person: Person) => typesPassword(person, 'ann'), asGrace]) {
        const { person } = await plays(`user.localClaims['${claim}'] = 'root';`, come);
        expect(await readRefusal(world, person)).toMatchObject({
          code: 'SCRIPT_ERROR',
          event: { details: { detail: expect.stringMatching(/The claim user(name|id) cannot be written/) } },
        });
      }
      expect(await read()).toMatchObject({ [claims.username]: 'ann', [claims.userId]: ann.id });
      expect(await world.happened()).toEqual({ 'login.failed': 2 });
    },
  );

  it('a changed address is no verified one any more', async () => {
    await world.addUser('may', { email: 'may@example.com' });
    await plays(`user.localClaims.emailaddress = 'other@example.com';`, (person) => typesPassword(person, 'may'));
    const [may] = (await world.users()).filter(({ username }) => username === 'may');
    expect(may).toMatchObject({ verified: [] });
    expect(readClaims(may!)[claims.email]).toBe('other@example.com');
  });

  it('claims are of this sign-in alone: in id_token and userinfo, and nowhere else', async () => {
    const { person } = await plays(`user.claims['http://wso2.org/claims/nickname'] = 'for today';
user.claims.shift = { start: 9, days: ['mon'] };
user.claims.gone = 'x'; delete user.claims.gone;`);
    const { claims: told, userinfo } = await askApplication(world, person);
    for (const each of [told, userinfo]) {
      expect(each).toMatchObject({ nickname: 'for today', shift: { start: 9, days: ['mon'] } });
      expect(each).not.toHaveProperty('gone');
    }
    const before = await read();
    const { person: next } = await plays('');
    expect((await askApplication(world, next)).claims).not.toHaveProperty('shift');
    expect(await read()).toEqual(before);
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
  });

  it.each(['sub', 'iss', 'aud', 'acr', 'amr', 'auth_time', 'nonce', 'sid', 'exp', 'iat'])(
    'the claim %s is the server’s own',
    async (name) => {
      const { person } = await plays(`user.claims['${name}'] = 'mine';`);
      expect(await readRefusal(world, person)).toMatchObject({ code: 'SCRIPT_ERROR' });
      expect(await world.happened()).toEqual({ 'login.failed': 1 });
    },
  );

  it('another user name or store in the script changes neither account nor sub', async () => {
    const { person, log } = await plays(
      `user.username = 'root'; user.userStoreDomain = 'OTHER'; Log.info(user.username, user.userStoreDomain);`,
    );
    expect(log).toEqual(['info 4: root OTHER']);
    expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id, preferred_username: 'ann' });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });
});

describe('Of somebody from a connection', () => {
  it('without an account, the script sees what the provider said and what it maps to; groups are the provider’s', async () => {
    const { log, person } = await plays(
      `Log.info(context.steps[1].idp, context.steps[1].authenticator, context.steps[1].provisioning.result);
Log.info(user.remoteClaims.email, user.localClaims.givenname, user.roles);
Log.info(isMemberOfAnyOfGroups(user, ['navy']), isMemberOfAnyOfGroups(user, ['staff']), hasRole(user, 'navy'));
user.localClaims.nickname = 'Amazing Grace'; user.localClaims.givenname = 'G.';
user.remoteClaims.given_name = 'only here';
Log.info(user.localClaims.nickname, user.remoteClaims.given_name);`,
      asGrace,
    );
    expect(person.isAt()).toBe('Signed in');
    expect(log).toEqual([
      'info 4: Google GoogleOIDCAuthenticator pending',
      'info 5: grace.hopper@example.com Grace []',
      'info 6: true false false',
      'info 9: Amazing Grace only here',
    ]);
    const [grace] = (await world.users()).filter(({ username }) => username.startsWith('grace'));
    expect(readClaims(grace!)).toMatchObject({ [claims.nickname]: 'Amazing Grace', [claims.givenName]: 'G.' });
    expect((await askApplication(world, person)).claims).toMatchObject({ given_name: 'G.', nickname: 'Amazing Grace' });
    expect(await world.happened()).toEqual({
      'user.created': 1,
      'association.created': 1,
      'user.updated': 1,
      'login.succeeded': 1,
    });
  });

  it('with an account, roles are the account’s, groups both (those that it would be given only once it has them), and writes go to the account at once', async () => {
    const [grace] = (await world.users()).filter(({ username }) => username.startsWith('grace'));
    await world.app.database.unit(({ users }) =>
      users.update({
        ...grace!,
        roles: [{ name: 'admiral', origin: 'admin' }],
        groups: [{ name: 'staff', origin: 'admin' }],
      }),
    );
    const map = (groupMapping: Record<string, string>) => world.changeConnection((one) => ({ ...one, groupMapping }));
    await map({ navy: 'seafarers' });
    const { log } = await plays(
      `Log.info(hasRole(user, 'admiral'), isMemberOfAnyOfGroups(user, ['navy']), isMemberOfAnyOfGroups(user, ['staff']), isMemberOfAnyOfGroups(user, ['seafarers']));
user.localClaims.website = 'https://example.com'; fail();`,
      asGrace,
    );
    await map({});
    expect(log).toEqual(['info 4: true true true false']);
    const after = await world.app.database.read.users.findById(grace!.id);
    expect(readClaims(after!)).toHaveProperty(['http://wso2.org/claims/website'], 'https://example.com');
    expect(await world.happened()).toEqual({ 'user.updated': 1, 'login.failed': 1 });
  });

  it('without an account, groups are also those that one would be given', async () => {
    const before = { groupMapping: {}, enabled: true };
    const set = ({ groupMapping, enabled }: typeof before) =>
      world.changeConnection((one) => ({ ...one, groupMapping, jit: { ...one.jit, enabled } }));
    await set({ groupMapping: { research: 'scientists', navy: 'seafarers' }, enabled: false });
    const { person } = await plays(
      `var is = (group) => isMemberOfAnyOfGroups(user, [group]);
if (!is('scientists') || !is('research') || is('seafarers')) { fail(); }`,
      (one) => comesThroughGoogle(one, 'Alan Turing'),
    );
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    await set(before);
  });

  it('what was written before there is an account is seen in the turns that follow', async () => {
    const { person } = await plays(
      `user.localClaims.nickname = 'Prof'; user.localClaims.website = 'x'; delete user.localClaims.website; delete user.localClaims.givenname;
prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, { onSuccess: function (context) {
Log.info(user.localClaims.nickname, user.localClaims.website, user.localClaims.givenname, user.localClaims.lastname); fail(); } });`,
      (one) => comesThroughGoogle(one, 'Alan Turing'),
    );
    const id = loginIdOf(person);
    await person.submits({ a: 'b' });
    expect(await readScriptLog(world, id)).toEqual(['info 6: Prof undefined undefined Turing']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['preferred_username', { preferred_username: 'turing', email: 'a@example.com' }, 'turing'],
    ['the mail address', { email: 'a@example.com' }, 'a@example.com'],
    ['the provider’s own name, where it says neither', { email: null }, alanTuring.sub],
    ['the provider’s own name, where what it says is no text', { preferred_username: 7 }, alanTuring.sub],
    ['the provider’s own name, where what it says is empty', { preferred_username: '' }, alanTuring.sub],
  ])('is called by %s, and goes by the provider’s own name', async (_what, told, username) => {
    world.identityProvider.misbehave({ idToken: told, userinfo: told });
    const { log } = await plays(
      'Log.info(user.username, user.identifier, user.userStoreDomain, user.tenantDomain, user.uniqueId.length > 20); fail();',
      (one) => comesThroughGoogle(one, 'Alan Turing'),
    );
    world.identityProvider.misbehave({});
    expect(log).toEqual([`info 4: ${username} ${alanTuring.sub} PRIMARY carbon.super true`]);
  });

  it('whom the script refuses gets no account, whatever was written', async () => {
    const { person } = await plays(`user.localClaims.nickname = 'x'; fail();`, (one) =>
      comesThroughGoogle(one, 'Alan Turing'),
    );
    expect(person.isAt()).toBe('Sign-in was refused');
    expect((await world.users()).filter(({ username }) => username.startsWith('alan'))).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('provisionUser false: no account in this sign-in, with the same sub as ever', async () => {
    const subs = new Set<unknown>();
    for (const value of ["'false'", 'false']) {
      await world.publish({
        script: `function onLoginRequest(context) { executeStep(1, { stepOptions: { provisionUser: ${value} } }, {
          onSuccess: function (context) { var user = context.currentKnownSubject; user.claims.unique = user.uniqueId; } }); }`,
      });
      const person = await beginsSignIn(world);
      await comesThroughGoogle(person, 'Alan Turing');
      const { sub, email, unique } = (await askApplication(world, person)).claims;
      expect([email, unique]).toEqual(['alan.turing@example.com', sub]);
      expect((await world.users()).filter(({ username }) => username.startsWith('alan'))).toEqual([]);
      expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
      subs.add(sub);
    }

    const { person: later } = await plays('', (one) => comesThroughGoogle(one, 'Alan Turing'));
    expect(new Set([(await askApplication(world, later)).claims['sub']])).toEqual(subs);
  });
});

describe('Of the request', () => {
  it('the script sees parameters, headers in any case and what was asked for, and no secret of ours', async () => {
    const { log } = await plays(
      `var request = context.request;
Log.info(request.params.login_hint[0], request.headers['Accept-Language'], context.requestedAcr);
Log.info(request.params.state, request.params.nonce, request.headers.cookie, Object.keys(request.cookies));`,
      undefined,
      { login_hint: 'ann', acr_values: 'a b' },
    );
    expect(log).toEqual(['info 5: ann en ["a","b"]', 'info 6: undefined undefined undefined []']);
  });
});

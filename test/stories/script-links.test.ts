import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import type { FlowStep } from '../../src/login/flow.ts';
import { addApp, arrives, expectUntouched, findLinkedAccount, setLinking } from './linking-moves.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** Scripts that link accounts: only for owners who have shown in this very sign-in that the account is theirs. */

let world: World;
let grace: User;

beforeEach(async () => {
  world = await startWorld();
  grace = await world.addUser('grace', { email: graceHopper.email });
});
afterEach(async () => {
  await world?.close();
});

const steps: FlowStep[] = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }] },
];

/** A flow whose first step, once passed, runs `body`. */
function publish(body: string): Promise<void> {
  const script = `function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    var person = context.currentKnownSubject;
    ${body}
  } });
}`;
  return world.publish({ steps, script });
}

/** Signed in to Grace's account, through Google. */
async function expectGrace(person: Person): Promise<void> {
  expect(person.isAt()).toBe('Signed in');
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: grace.subject });
  expect(await findLinkedAccount(world)).toBe(grace.id);
  expect(await world.users()).toHaveLength(1);
}

/** Why the newest link was not made. */
const lastReason = async () => (await world.lastEvent('association.refused')).details['reason'];

const linkAfterStep2 = `executeStep(2, { onSuccess: function () {
      Log.info(doAssociationWithLocalUser(person, 'grace', 'carbon.super', 'PRIMARY'));
    } });`;

describe('A link', () => {
  it('is made after the account’s password, with an event, and counts from then on', async () => {
    await publish(linkAfterStep2);
    const person = await arrives(world);
    expect(await findLinkedAccount(world)).toBeNull();
    await typesPassword(person, 'grace');
    await expectGrace(person);
    expect(await world.happened()).toMatchObject({ 'association.created': 1, 'login.succeeded': 1 });
    const link = { connectionId: world.connection.id, subject: graceHopper.sub, userId: grace.id };
    expect(await world.lastEvent('association.created')).toMatchObject({
      actor: 'script',
      target: grace.id,
      details: { by: 'script', connection: 'Google', proof: 'step', before: null, after: link },
    });

    await world.publish({});
    await expectGrace(await arrives(world));
  });

  it('is made the other way round, too: first the account, then the connection', async () => {
    await publish(`executeStep(2, { onSuccess: function (context) {
      doAssociationWithLocalUser(context.steps[2].subject, person.username, 'Carbon.Super', 'primary');
    } });`);
    const person = await beginsSignIn(world);
    await typesPassword(person, 'grace');
    await comesThroughGoogle(person);
    await expectGrace(person);
  });

  it.each([
    ['the first, where none is marked', '{}', '{}', 'false true'],
    [
      'the first, where the second is marked with false',
      '{}',
      "{ markAsSubjectIdentifierStep: 'false' }",
      'false true',
    ],
    ['the second, where that is marked', '{}', "{ markAsSubjectIdentifierStep: 'true' }", 'true false'],
    ['the second, where that is marked by a boolean', '{}', '{ markAsSubjectIdentifierStep: true }', 'true false'],
    [
      'the first, where both are marked',
      "{ markAsSubjectIdentifierStep: 'true' }",
      "{ markAsSubjectIdentifierStep: 'true' }",
      'false true',
    ],
  ])('until it is made, who signs in is the person of %s', async (_what, first, second, told) => {
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        executeStep(1, { stepOptions: ${first} }, { onSuccess: function () {
          executeStep(2, { stepOptions: ${second} }, { onSuccess: function (context) {
            var [one, two] = [context.steps[1].subject, context.steps[2].subject];
            Log.info(context.currentKnownSubject === two, context.currentKnownSubject === one);
            executeStep(1, { onSuccess: function (context) {
              Log.info(context.currentKnownSubject === two, context.currentKnownSubject === one);
              doAssociationWithLocalUser(one, 'grace');
            } });
          } });
        } });
      }`,
    });
    const person = await arrives(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'grace');
    await typesPassword(person, 'grace');
    await expectGrace(person);
    expect((await readScriptLog(world, id)).map((line) => line.replace(/.*: /, ''))).toEqual([told, told]);
  });

  it('that the script does not make ends the sign-in, and nobody gets an account', async () => {
    await publish("executeStep(2); Log.info('or' + ' not to doAssociationWithLocalUser');");
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'WRONG_SUBJECT',
      event: { details: { detail: 'Step 2 was passed to prove a link that the script did not make.' } },
    });
    await expectUntouched(world, grace);
    expect(await world.users()).toHaveLength(1);
  });

  it('in a script that makes none ends at the step: two people are not one', async () => {
    await publish('executeStep(2);');
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    expect(person.page()).toMatchObject({ status: 422, alerts: [expect.stringContaining('two different accounts')] });
    expect((await askApplication(world, person)).signedIn).toBe(false);
    await expectUntouched(world, grace);
  });

  it.each([
    ['in a script that links', "doAssociationWithLocalUser(person, 'grace');"],
    ['in one that does not', ''],
  ])('is none between two accounts, and the second fails its step, %s', async (_what, link) => {
    await world.addUser('ada', { email: 'ada@example.com' });
    await publish(`executeStep(2, { authenticatorParams: { common: { username: 'grace' } } }, {
      onSuccess: function () { Log.info('passed'); ${link} },
      onFail: function (context) { Log.info('failed', context.currentKnownSubject.username); fail(); }
    });`);
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ada');
    await person.submits({ password });
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await readScriptLog(world, id)).toEqual([expect.stringMatching(/: failed ada$/)]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    await expectUntouched(world, grace);
  });

  it('does not let a third person in: who proved one account is not linked to another', async () => {
    await world.addUser('ada', { email: 'ada@example.com' });
    await publish(linkAfterStep2);
    const person = await arrives(world);
    await typesPassword(person, 'ada');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'WRONG_SUBJECT' });
    expect(await lastReason()).toContain('passed no step');
    await expectUntouched(world, grace);
  });

  it('once made is there when the process dies before the end', async () => {
    await publish(`executeStep(2, { onSuccess: function () {
      doAssociationWithLocalUser(person, 'grace');
      executeStep(1, { stepOptions: { forceAuth: 'true' } }, {});
    } });`);
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    await world.restart();
    await typesPassword(person, 'grace');
    await expectGrace(person);
    expect((await world.happened())['association.created']).toBe(1);
  });
});

describe('No link is made', () => {
  it.each([
    ['before anybody has shown the account', '', 'passed no step'],
    [
      'for an account that is only found',
      "getUniqueUserWithClaimValues({ username: 'grace' }, context);",
      'passed no step',
    ],
  ])('%s', async (_what, before, reason) => {
    await publish(`${before} Log.info(doAssociationWithLocalUser(person, 'grace'));`);
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(await readScriptLog(world, login)).toEqual(['info 4: false']);
    expect(await lastReason()).toContain(reason);
    await expectUntouched(world, grace);
  });

  it.each([
    ['another tenant', "'grace', 'elsewhere.example', 'PRIMARY'"],
    ['another user store', "'grace', 'carbon.super', 'SECONDARY'"],
    ['a name that nobody has', "'nobody'"],
    ['what is no name', "'\\u202e'"],
  ])('to %s', async (_what, target) => {
    await publish(`executeStep(2, { onSuccess: function () { doAssociationWithLocalUser(person, ${target}); } });`);
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'WRONG_SUBJECT' });
    expect(await lastReason()).toBe('There is no account of this name.');
    await expectUntouched(world, grace);
  });

  it('by a name alone, as identifier first takes it', async () => {
    await world.publish({
      steps: [{ options: [{ authenticator: 'IdentifierExecutor' }] }, { options: [{ idp: 'Google' }] }],
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onSuccess: function (context) {
          Log.info(doAssociationWithLocalUser(context.currentKnownSubject, 'grace'));
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await person.submits({ username: graceHopper.email });
    await person.chooses('Grace Hopper');
    expect(await readScriptLog(world, login)).toEqual(['info 4: false']);
    expect(await lastReason()).toContain('passed no step');
    await expectUntouched(world, grace);
  });

  it.each([{ locked: true }, { disabled: true }])(
    'to an account that is %j meanwhile, also where the connection is trusted',
    async (state) => {
      await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION' });
      await publish("Log.info(doAssociationWithLocalUser(person, 'grace'));");
      await world.app.database.unit(({ users }) => users.update({ ...grace, ...state }));
      await arrives(world);
      expect(await lastReason()).toBe('The account is locked or disabled.');
      expect(await findLinkedAccount(world)).not.toBe(grace.id);
    },
  );

  it('to an account with an app before the app is passed, which then is the account’s own', async () => {
    const app = await addApp(world, grace);
    await world.publish({
      steps: [steps[0]!, { options: [{ authenticator: 'BasicAuthenticator' }] }, steps[2]!],
      script: await readFile(new URL('../../scripts/account-linking/script.js', import.meta.url), 'utf8'),
    });
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    expect(await lastReason()).toContain('authenticator app');
    await expectUntouched(world, grace);
    await person.submits({ code: app.nextCode() });
    await expectGrace(person);
    expect((await askApplication(world, person)).claims['amr']).toEqual(['pwd', 'otp']);
  });

  it('to an account that is linked to somebody else of the connection', async () => {
    const other = { connectionId: world.connection.id, subject: 'somebody-else', userId: grace.id, createdAt: 0 };
    await world.app.database.unit(({ users }) => users.insertAssociation(other));
    await publish(linkAfterStep2);
    const person = await arrives(world);
    await typesPassword(person, 'grace');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'WRONG_SUBJECT' });
    expect(await lastReason()).toContain('linked to another person of this connection');
    expect(await findLinkedAccount(world)).toBeNull();
  });

  it('nor undone, of somebody who is linked to no account', async () => {
    await publish('Log.info(removeAssociatedLocalUser(person), getAssociatedLocalUser(person));');
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(await readScriptLog(world, login)).toEqual(['info 4: false null']);
    expect(await lastReason()).toBe('The person is linked to no account.');
    expect(await world.happened()).not.toHaveProperty('association.removed');
  });

  it('of somebody who signed in here, whom no account is linked to', async () => {
    await publish(
      "Log.info(doAssociationWithLocalUser(person, 'grace'), removeAssociatedLocalUser(person), getAssociatedLocalUser(person));",
    );
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await typesPassword(person, 'grace');
    expect(await readScriptLog(world, login)).toEqual(['info 4: false false null']);
    expect(await lastReason()).toContain('did not come from a connection');
    expect(person.isAt()).toBe('Signed in');
  });

  it('by a step that a session spared somebody', async () => {
    await world.publish({ steps, script: 'function onLoginRequest() { executeStep(1); }' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'grace');
    await publish(`executeStep(2, { authenticationOptions: [{ idp: 'Google' }] }, { onSuccess: function (context) {
      doAssociationWithLocalUser(context.steps[2].subject, 'grace');
    } });`);
    await person.opens(`${world.application.url}/sign-in`);
    await person.chooses('Grace Hopper');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'WRONG_SUBJECT' });
    expect(await lastReason()).toContain('passed no step');
    await expectUntouched(world, grace);
  });
});

it('A trusted connection links without a proof', async () => {
  await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION' });
  await publish("doAssociationWithLocalUser(person, 'grace');");
  await expectGrace(await arrives(world));
  expect((await world.lastEvent('association.created')).details).toMatchObject({ proof: 'TRUST_CONNECTION' });
});

it('With provisioning off a link is made all the same, and no other account', async () => {
  await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
  await publish(linkAfterStep2);
  const person = await arrives(world);
  await typesPassword(person, 'grace');
  await expectGrace(person);
});

describe('Somebody who is linked', () => {
  beforeEach(async () => {
    const link = { connectionId: world.connection.id, subject: graceHopper.sub, userId: grace.id, createdAt: 0 };
    await world.app.database.unit(({ users }) => users.insertAssociation(link));
  });

  it('is found, and is linked already', async () => {
    await publish(
      "var account = getAssociatedLocalUser(person); Log.info(account.username, account.uniqueId === person.uniqueId, doAssociationWithLocalUser(person, 'grace'));",
    );
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(await readScriptLog(world, login)).toEqual(['info 4: grace true true']);
    await expectGrace(person);
    expect(await world.happened()).not.toHaveProperty('association.created');
  });

  it('is unlinked, with an event, and has no account after that', async () => {
    await publish(
      "Log.info(removeAssociatedLocalUser(person), getAssociatedLocalUser(person)); fail({ errorCode: 'unlinked' });",
    );
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(await readScriptLog(world, login)).toEqual(['info 4: true null']);
    await expectUntouched(world, grace);
    const before = { connectionId: world.connection.id, subject: graceHopper.sub, userId: grace.id };
    expect(await world.lastEvent('association.removed')).toMatchObject({
      actor: 'script',
      target: grace.id,
      details: { by: 'script', connection: 'Google', before, after: null },
    });
  });

  it.each([{ locked: true }, { disabled: true }])(
    'is not unlinked where the account is %j meanwhile',
    async (state) => {
      await publish(
        "prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, { onSuccess: function () { Log.info(removeAssociatedLocalUser(person)); } });",
      );
      const person = await beginsSignIn(world);
      await comesThroughGoogle(person);
      await world.app.database.unit(({ users }) => users.update({ ...grace, ...state }));
      await person.submits({ a: 'x' });
      expect(await world.happened()).not.toHaveProperty('association.removed');
      expect(await findLinkedAccount(world)).toBe(grace.id);
      expect((await askApplication(world, person)).signedIn).toBe(false);
    },
  );

  it('is not linked to another account, also where the connection is trusted', async () => {
    await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION' });
    await world.addUser('ada', { email: 'ada@example.com' });
    await publish("Log.info(doAssociationWithLocalUser(person, 'ada'));");
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(await readScriptLog(world, login)).toEqual(['info 4: false']);
    expect(await lastReason()).toBe(`The person is linked to the account ${grace.id}.`);
    expect(await findLinkedAccount(world)).toBe(grace.id);
  });

  it('is not unlinked once a step has needed the account', async () => {
    const app = await addApp(world, grace);
    await publish('executeStep(3, { onSuccess: function () { Log.info(removeAssociatedLocalUser(person)); } });');
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    await comesThroughGoogle(person);
    await person.submits({ code: app.nextCode() });
    expect(await readScriptLog(world, login)).toEqual(['info 4: false']);
    expect(await lastReason()).toContain('needed the account already');
    await expectGrace(person);
  });
});

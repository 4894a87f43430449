import { expect, it } from 'vitest';
import { createPerson } from '../../src/cli/demo/person.ts';
import { hour } from '../../src/kernel/clock.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { addSecondApplication, type SecondApplication } from './second-application.ts';
import {
  passwordOnly,
  passwordOrGoogle,
  readLastLogin,
  sessionsOf,
  signedIn,
  startTwoApplications,
} from './session-moves.ts';
import type { World } from './world.ts';

/** What scripts see of people's sessions, and what they do with them. */

let world: World;
let wiki: SecondApplication;
startTwoApplications((first, second) => {
  world = first;
  wiki = second;
});

const twoSteps = [passwordOrGoogle, { options: [{ authenticator: 'totp' }] }];
const afterStep1 = (body: string) => ({
  steps: twoSteps,
  script: `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { ${body} } }); }`,
});
const lastLog = async () => readScriptLog(world, (await readLastLogin(world)).login.id);

it('a person’s sessions: where from, with what, since when, in which applications', async () => {
  const { user } = await signedIn(world);
  world.clock.skip(hour);
  await wiki.publish(afterStep1('Log.info(JSON.stringify(getUserSessions(context.currentKnownSubject)));'));
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  await asksForSignIn(wiki, person);
  expect(person.isAt()).toBe('Signed in');
  const [line] = await lastLog();
  const told = JSON.parse(line!.replace(/^info \d+: /, ''));
  const stored = await sessionsOf(world, user);
  expect(told).toEqual(
    stored.map(({ id, loginTime, lastAccessTime }, i) => ({
      id,
      ip: '127.0.0.1',
      loginTime,
      lastAccessTime: i === 0 ? expect.any(Number) : lastAccessTime,
      userAgent: { rawString: '', raw: '', browser: 'Unknown', platform: 'Unknown', device: 'Unknown' },
      applications: [{ subject: user.id, appName: 'Payroll', appId: world.registered.id }],
    })),
  );
  expect(JSON.stringify(told)).not.toContain(stored[0]!.browserUid);
});

it('sessions are told the newest first, each with its own browser and with applications that are still there', async () => {
  const user = await world.addUser('many-browsers');
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const gone = await addSecondApplication(world, { name: 'Gone', host: '127.0.0.9' });
  await gone.publish(passwordOnly);
  for (const [agent, application] of [
    [firefox, gone],
    ['curl/8', world],
  ] as const) {
    const person = createPerson({ headers: { 'user-agent': agent } });
    await asksForSignIn(application, person);
    await typesPassword(person, user.username);
    expect(person.isAt()).toBe('Signed in');
    await asksForSignIn(wiki, person);
    world.clock.skip(hour);
  }
  await gone.close();
  await world.app.database.unit(({ applications }) => applications.delete(gone.registered.id));
  await world.publish(
    afterStep1(`Log.info(getUserSessions(context.currentKnownSubject).map(({ userAgent: u, applications }) =>
        [u.rawString, u.raw === u.rawString, u.browser, u.platform, u.device, applications.map((one) => one.appName)]));
      var data = getSessionData(context);
      Log.info(Object.keys(data).map((id) => [data[id].userAgent, data[id].serviceProvider]));`),
  );
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  const told = (await lastLog()).map((line) => JSON.parse(line.replace(/^info \d+: /, '')));
  expect(told).toEqual([
    [
      ['curl/8', true, 'Unknown', 'Unknown', 'Unknown', ['Payroll', 'Wiki']],
      [firefox, true, 'Firefox', 'Linux', 'Desktop', ['Wiki']],
    ],
    [
      ['curl/8', 'Payroll'],
      [firefox, 'Wiki'],
    ],
  ]);
});

it('a script ends a session: by its id or as it is, once, and nobody else’s', async () => {
  const { person: laptop, user } = await signedIn(world);
  const { user: other } = await signedIn(world);
  const [theirs] = await sessionsOf(world, other);
  await world.publish(
    afterStep1(`
      var user = context.currentKnownSubject;
      var all = getUserSessions(user);
      Log.info(all.length, terminateUserSession(user, all[0]), terminateUserSession(user, all[0].id),
        terminateUserSession(user, '${theirs!.id}'), getUserSessions(user).length);`),
  );
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  expect(person.isAt()).toBe('Signed in');
  expect(await lastLog()).toEqual([expect.stringMatching(/: 1 true false false 0$/)]);
  expect(await sessionsOf(world, other)).toHaveLength(1);
  expect(await world.happened()).toEqual({ 'session.ended': 1, 'login.succeeded': 1 });
  expect(await world.lastEvent('session.ended')).toMatchObject({ actor: 'script', target: user.id });
  await asksForSignIn(wiki, laptop);
  expect(laptop.isAt()).toBe('Sign in');
});

it('whoever ends the session that the sign-in relies on ends the sign-in', async () => {
  const { person, user } = await signedIn(world);
  await wiki.publish(
    afterStep1(
      'getUserSessions(context.currentKnownSubject).forEach((each) => terminateUserSession(context.currentKnownSubject, each));',
    ),
  );
  await asksForSignIn(wiki, person);
  expect((await askApplication(wiki, person)).signedIn).toBe(false);
  expect((await readLastLogin(world)).login).toMatchObject({ status: 'failed', failureCode: 'SESSION_ENDED' });
  expect(await sessionsOf(world, user)).toEqual([]);
});

it('the session of this browser: its applications, and which steps it has seen', async () => {
  const script = `function onLoginRequest(context) {
    var names = () => getAuthenticatedApplications(context).map((each) => each.appName).join('+');
    Log.info('before', checkSessionExistence(1, context), checkSessionExistence('2', context), names());
    executeStep(1, { onSuccess: function () { Log.info('after', checkSessionExistence(1, context), names()); } });
  }`;
  await wiki.publish({ steps: twoSteps, script });
  const { person, user } = await signedIn(world);
  await asksForSignIn(wiki, person);
  expect(await lastLog()).toEqual(['info 3: before true false Payroll', 'info 4: after true Payroll']);
  await asksForSignIn(wiki, person);
  expect((await lastLog())[0]).toBe('info 3: before true false Payroll+Wiki');

  await asksForSignIn(wiki, person, { prompt: 'login' });
  const asked = loginIdOf(person);
  expect(await readScriptLog(world, asked)).toEqual(['info 3: before false false Payroll+Wiki']);
  world.clock.skip(hour);
  await asksForSignIn(wiki, person, { max_age: '60' });
  expect(await readScriptLog(world, loginIdOf(person))).toEqual(['info 3: before false false Payroll+Wiki']);
  await typesPassword(person, user.username);
  expect((await lastLog())[1]).toBe('info 4: after true Payroll+Wiki');

  const stranger = world.somebody();
  await asksForSignIn(wiki, stranger);
  expect(await readScriptLog(world, loginIdOf(stranger))).toEqual(['info 3: before false false ']);
});

it('a session limit counts the other browsers, and not this one', async () => {
  const { person, user } = await signedIn(world);
  await world.publish(
    afterStep1("Log.info(['1', '2'].map((n) => isWithinSessionLimit(context, { sessionLimit: n })));"),
  );
  await asksForSignIn(world, person, { prompt: 'login' });
  await typesPassword(person, user.username);
  expect(await lastLog()).toEqual([expect.stringMatching(/: \[true,true\]$/)]);
  const other = await beginsSignIn(world);
  await typesPassword(other, user.username);
  expect(await lastLog()).toEqual([expect.stringMatching(/: \[false,true\]$/)]);
});

it('the old names work, too', async () => {
  const { user } = await signedIn(world);
  const [{ loginTime } = { loginTime: 0 }] = await sessionsOf(world, user);
  await world.publish(
    afterStep1(`
      var within = (n) => isWithinSessionLimit(context, { sessionLimit: n });
      var data = getSessionData(context);
      var id = Object.keys(data)[0];
      Log.info(within('1'), within(2), data[id].sessionID === id, data[id].ipAddress, data[id].serviceProvider, typeof data[id].timestamp, data[id].timestamp);
      Log.info(killSession(context, { sessionID: 'another' }), killSession(context, { sessionId: id }), killSession(context, { sessionID: id }), within('1'), within('0'));`),
  );
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  expect((await lastLog()).map((line) => line.replace(/^info \d+: /, ''))).toEqual([
    `false true true 127.0.0.1 Payroll string ${loginTime}`,
    'false true false true false',
  ]);
});

it('somebody without an account has sessions as well', async () => {
  await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
  await world.publish(
    afterStep1("context.selectedAcr = 'sessions:' + getUserSessions(context.currentKnownSubject).length;"),
  );
  for (const acr of ['sessions:0', 'sessions:1']) {
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect((await askApplication(world, person)).claims).toMatchObject({ acr });
  }
  await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: true } }));
});

it.each([
  ['checkSessionExistence(3, context)', 'the flow has the steps 1 to 2'],
  ['checkSessionExistence(0, context)', 'the flow has the steps 1 to 2'],
  ["checkSessionExistence('1.5', context)", 'the flow has the steps 1 to 2, and not 1.5'],
  ["isWithinSessionLimit(context, { sessionLimit: 'many' })", 'must be a whole number'],
  ["isWithinSessionLimit(context, { sessionLimit: '-1' })", 'must be a whole number'],
  ['isWithinSessionLimit(context, {})', 'must be a whole number'],
  ["isWithinSessionLimit(context, { sessionLimit: '1' })", 'nobody has proven who they are'],
  ["killSession(context, { sessionID: '1' })", 'nobody has proven who they are'],
  ['getSessionData(context)', 'nobody has proven who they are'],
])('%s ends the sign-in as a script error', async (call, message) => {
  await world.publish({ steps: twoSteps, script: `function onLoginRequest(context) { ${call}; executeStep(1); }` });
  const person = await beginsSignIn(world);
  expect(person.page().status).toBe(500);
  const event = await world.lastEvent('login.failed');
  expect(event).toMatchObject({ code: 'SCRIPT_ERROR' });
  expect(String(event.details['detail'])).toContain(message);
});

it.each([
  ["terminateUserSession(user, '')", 'terminateUserSession: sessionId must be the id of a session'],
  ['terminateUserSession(user, { sessionID: 1 })', 'terminateUserSession: sessionId must be the id of a session'],
  ['terminateUserSession(user, 7)', 'terminateUserSession: sessionId must be the id of a session'],
  ['killSession(context, {})', 'killSession: sessionId must be the id of a session'],
])('%s ends no session, and the sign-in as a script error', async (call, message) => {
  const { user } = await signedIn(world);
  await world.publish(afterStep1(`var user = context.currentKnownSubject; ${call};`));
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  const event = await world.lastEvent('login.failed');
  expect(event).toMatchObject({ code: 'SCRIPT_ERROR' });
  expect(String(event.details['detail'])).toContain(message);
  expect(await sessionsOf(world, user)).toHaveLength(1);
  expect(await world.happened()).not.toHaveProperty('session.ended');
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { beginsSignIn, loginIdOf, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** What a script logs stands in the trace of its sign-in and in the server's log, once, with its line. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
});
afterAll(() => world?.close());

const steps = [{ options: [{ authenticator: 'BasicAuthenticator' }] }];

/** Lines of the server's log that are a login's script's. */
const serverLog = (loginId: string) =>
  world.log
    .filter((line) => line['loginId'] === loginId && 'column' in line)
    .map(({ level, line, library, msg }) => ({ level, line, ...(library ? { library } : {}), msg }));

it('each line comes to both at its level, however often the script is played', async () => {
  await world.publish({
    steps,
    libraries: [{ name: 'helper', version: 1, source: "exports.says = () => Log.warn('from the library');" }],
    script: `function onLoginRequest(context) {
  Log.debug('looked', 'up');
  Log.log('plain');
  console.error('at the console');
  require('helper').says();
  executeStep(1, { onSuccess: (context) => {
    Log.info('done', context.currentKnownSubject.username);
  } });
}`,
  });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, 'ann', 'wrong');
  await world.restart();
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('Signed in');
  expect(await readScriptLog(world, id)).toEqual([
    'debug 2: looked up',
    'info 3: plain',
    'error 4: at the console',
    'warn 1: from the library',
    'info 7: done ann',
  ]);
  // The server keeps no lines of debugging unless it is told to; its levels are pino's.
  expect(serverLog(id)).toEqual([
    { level: 30, line: 3, msg: 'plain' },
    { level: 50, line: 4, msg: 'at the console' },
    { level: 40, line: 1, library: 'helper', msg: 'from the library' },
    { level: 30, line: 7, msg: 'done ann' },
  ]);
  expect(world.log.find(({ msg }) => msg === 'plain')).toMatchObject({ applicationId: world.registered.id });
});

it.each([
  ['a text', "'two words'", 'two words'],
  ['nothing', '', ''],
  ['several', "'a', 1, true, null, undefined", 'a 1 true null undefined'],
  ['numbers beyond JSON', 'NaN, Infinity, 10n', 'null null 10'],
  ['an object', '{ a: [1, { b: 2 }] }', '{"a":[1,{"b":2}]}'],
  ['a date', 'new Date(0)', '"1970-01-01T00:00:00.000Z"'],
  ['an error', "new RangeError('too far')", 'RangeError: too far'],
  ['what holds itself', '(function () { var o = {}; o.o = o; return o; })()', '[object Object]'],
  ['a function', 'function f() {}', 'function f() {}'],
  ['a symbol', "Symbol('s')", 'Symbol(s)'],
  ['what has no text', '{ get a() { throw 1; }, toString() { throw 2; } }', '[something that cannot be shown]'],
  ['a person', 'context.currentKnownSubject', 'null'],
  ['half of two lines', "'one\\nlevel: 60'", 'one\nlevel: 60'],
])('logged can be %s', async (_what, values, text) => {
  await world.publish({
    steps,
    script: `function onLoginRequest(context) {\nLog.warn(${values});\nexecuteStep(1);\n}`,
  });
  const id = loginIdOf(await beginsSignIn(world));
  expect(await readScriptLog(world, id)).toEqual([`warn 2: ${text}`]);
  expect(serverLog(id)).toEqual([{ level: 40, line: 2, msg: text }]);
});

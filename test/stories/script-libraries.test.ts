import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PinnedLibrary } from '../../src/login/flow.ts';
import { askApplication, beginsSignIn, loginIdOf, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** A script shares code by libraries: they keep what they hold, and a sign-in keeps the versions that it began with. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
});
afterAll(() => world?.close());

const passwordTwice = [
  { options: [{ authenticator: 'BasicAuthenticator' }] },
  { options: [{ authenticator: 'BasicAuthenticator' }] },
];
const publish = (script: string, libraries: PinnedLibrary[]) =>
  world.publish({ steps: passwordTwice, script, libraries });

const counter = 'var n = 0; exports.next = function () { n += 1; return n; };';
const script = `var count = require('counter.js').next;
function onLoginRequest(context) {
  Log.info('turn', count());
  executeStep(1, { onSuccess: function (context) {
    Log.info('turn', require('counter').next());
    executeStep(2, { onSuccess: function () { Log.info('turn', count()); } });
  } });
}`;

it('a library keeps its state over pages and restarts, in the version that the sign-in began with', async () => {
  await publish(script, [{ name: 'counter.js', version: 1, source: counter }]);
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await world.restart();
  await typesPassword(person, 'ann');
  await publish(script, [{ name: 'counter.js', version: 2, source: 'exports.next = function () { return 99; };' }]);
  await world.restart();
  await typesPassword(person, 'ann');
  expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
  expect(await readScriptLog(world, id)).toEqual(['info 3: turn 1', 'info 5: turn 2', 'info 6: turn 3']);

  const next = await beginsSignIn(world);
  expect(await readScriptLog(world, loginIdOf(next))).toEqual(['info 3: turn 99']);
});

it('what a library throws ends the sign-in, and the admin reads library, line and column', async () => {
  const source = 'exports.fails = function () {\n  throw new Error("out of ideas");\n};';
  await publish(`function onLoginRequest() { require('faulty').fails(); executeStep(1); }`, [
    { name: 'faulty', version: 1, source },
  ]);
  await world.happened();
  const person = await beginsSignIn(world);
  expect(person.page().text).not.toContain('ideas');
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
  expect(await world.lastEvent('login.failed')).toMatchObject({
    code: 'SCRIPT_ERROR',
    details: { detail: 'Error: out of ideas (library faulty, line 2, column 9)' },
  });
});

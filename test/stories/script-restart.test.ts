import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  enrolsApp,
  loginIdOf,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** What a script holds in its variables survives every page, and every end of the server. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world?.close();
});

beforeEach(async () => {
  await world.happened();
});

const script = `
var turns = 0;
global = 'undeclared';
const visits = new Map();
class Counter { #n = 0; next() { return ++this.#n; } }
const counter = new Counter();
const chance = Math.random();
const began = Date.now();
function onLoginRequest(context) {
  const first = {};
  first.itself = first;
  let tries = 0;
  executeStep(1, { onFail: again, onSuccess: (context) => {
    visits.set(context.currentKnownSubject, context.steps[1].idp);
    note('passed');
    executeStep(2, { onSuccess: () => {
      note('done');
      Log.info(visits.get(context.currentKnownSubject), first.itself === first, Date.now() > began);
    } });
  } });
  function again(context) {
    tries += 1;
    note('again');
    executeStep(1, { onFail: again, onSuccess: (context) => {
      visits.set(context.currentKnownSubject, context.steps[1].idp);
      note('passed after ' + tries);
      executeStep(2, { onSuccess: () => note('done') });
    } });
  }
}
function note(what) {
  turns += 1;
  undeclared = turns;
  Log.info(what, turns, counter.next(), undeclared, global, chance > 0);
}`;

it('counters, maps, classes and undeclared variables go on after a restart between every two pages', async () => {
  const ann = await world.addUser('ann');
  await world.publish({ script });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await world.restart();
  for (const wrong of ['one', 'two', 'three']) {
    await typesPassword(person, 'ann', wrong);
    await world.restart();
  }
  await typesPassword(person, 'ann');
  await world.restart();
  await person.chooses('totp');
  await world.restart();
  await enrolsApp(world, person);

  expect(person.isAt()).toBe('Signed in');
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id, amr: ['pwd', 'otp'] });
  expect(await readScriptLog(world, id)).toEqual([
    'info 34: again 1 1 1 undeclared true',
    'info 34: again 2 2 2 undeclared true',
    'info 34: again 3 3 3 undeclared true',
    'info 34: passed after 3 4 4 4 undeclared true',
    'info 34: done 5 5 5 undeclared true',
  ]);
  expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });
});

it('somebody who is at the provider meanwhile comes back into the same sign-in', async () => {
  await world.publish({
    script: `let chance; function onLoginRequest(context) {
      chance = Math.random();
      const key = { made: new Date() };
      Log.info(chance, key.made.getTime());
      executeStep(1, { onSuccess: () => Log.info(chance, key.made.getTime()) });
    }`,
  });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await world.restart();
  await person.chooses('Google');
  await world.restart();
  await person.chooses('Grace Hopper');
  expect(person.isAt()).toBe('Signed in');
  const log = await readScriptLog(world, id);
  expect(log).toHaveLength(2);
  expect(log[0]!.split(': ')[1]).toBe(log[1]!.split(': ')[1]);
  expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });

  await world.restart();
  await asksForSignIn(world, person, { prompt: 'login' });
  await person.chooses('Google');
  await person.chooses('Grace Hopper');
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
});

it('a version whose text was changed behind the server does not go on under the old journal', async () => {
  await world.publish({ script: 'function onLoginRequest() { executeStep(1); executeStep(1); }' });
  const person = await beginsSignIn(world);
  await typesPassword(person, 'ann');
  const file = new Database(join(world.directory, 'stepgate.db'));
  file.exec("UPDATE flow_versions SET flow = replace(flow, 'executeStep(1)', 'executeStep(2)')");
  file.close();
  await person.submits({ password });
  const refusal = await readRefusal(world, person);
  expect(refusal).toMatchObject({ status: 500, code: 'SCRIPT_DIFFERS', event: { type: 'login.failed' } });
  expect(refusal.event!.details['detail']).toBe(
    'Entry 1: the journal has step [1,null], the script asks step [2,null].',
  );
  expect((await askApplication(world, person)).signedIn).toBe(false);
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
});

it('what a script told, and nobody can read any more, holds up no start', async () => {
  const person = await beginsSignIn(world);
  const telling = { loginId: loginIdOf(person), seq: 1, contentSealed: 'damaged', expiresAt: Number.MAX_SAFE_INTEGER };
  await world.app.database.unit(({ tellings }) => tellings.insert(telling));
  await world.restart();
  expect(world.log).toContainEqual(expect.objectContaining({ msg: 'What a script told cannot be read.' }));
  expect(loginIdOf(await beginsSignIn(world))).not.toBe(telling.loginId);
});

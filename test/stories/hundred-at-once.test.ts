import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { passwordDefinition } from '../../src/authenticators/password/definition.ts';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { beginsSignIn, loginIdOf, readScriptLog, shownKey } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** One form, sent a hundred times at the same moment from one browser: everything behind it happens once. */

let world: World;

beforeAll(async () => {
  world = await startWorld({
    flow: {
      script: `var onLoginRequest = function (context) {
        var turns = 0;
        executeStep(1, { onSuccess: function () {
          turns += 1;
          Log.info('password, turn ' + turns);
          executeStep(2, { onSuccess: function () { turns += 1; Log.info('code, turn ' + turns); } });
        } });
      };`,
    },
  });
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

async function sendsAHundredTimes(person: Person, fields: Record<string, string>): Promise<Person[]> {
  const page = person.page();
  const tabs = Array.from({ length: 100 }, () => person.opensTab());
  await Promise.all(
    tabs.map((tab) => {
      tab.returnsTo(page);
      return tab.submits(fields);
    }),
  );
  return tabs;
}

it('the right password, then the code that sets up an app: each step once, one factor, one sign-in', async () => {
  const person = await beginsSignIn(world);
  const loginId = loginIdOf(person);
  const first = await sendsAHundredTimes(person, { username: 'ann', password });
  expect(new Set(first.map((tab) => tab.page().status).filter((status) => status >= 500))).toEqual(new Set());
  expect(await world.happened()).toEqual({});
  expect(await readScriptLog(world, loginId)).toEqual(['info 5: password, turn 1']);

  await person.opens(person.page().url);
  if (person.canChoose('totp')) await person.chooses('totp');
  const code = createAuthenticatorApp(shownKey(person), world.clock).nextCode();
  await sendsAHundredTimes(person, { code });
  expect(await world.happened()).toMatchObject({ 'login.succeeded': 1, 'factor.added': 1 });
  expect(await readScriptLog(world, loginId)).toEqual(['info 5: password, turn 1', 'info 6: code, turn 2']);
  const [user] = await world.users();
  expect(await world.app.database.read.users.listFactors(user!.id)).toHaveLength(1);
});

it('a wrong password: the attempts of the step are all that a hundred get', async () => {
  const person = await beginsSignIn(world);
  const loginId = loginIdOf(person);
  const tabs = await sendsAHundredTimes(person, { username: 'ben', password: 'not the password' });
  const shownAgain = tabs.filter((tab) => tab.page().status === 422);
  const { attempts } = passwordDefinition;
  expect(shownAgain).toHaveLength(attempts - 1);
  expect(tabs.filter((tab) => tab.page().status === 403)).toHaveLength(100 - shownAgain.length);
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
  expect(await readScriptLog(world, loginId)).toEqual([]);
});

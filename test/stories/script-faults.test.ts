import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { ErrorCode } from '../../src/kernel/errors.ts';
import { askApplication, beginsSignIn, readRefusal, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Scripts that are wrong or hostile: their sign-ins fail closed, and the one next to them goes on. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
  await world.addUser('ben');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

const whole = (body: string) => `var onLoginRequest = function (context) {\n${body}\n};`;
const afterStep = (body: string) => whole(`executeStep(1, { onSuccess: function (context) {\n${body}\n} });`);

interface Fault {
  it: string;
  script: string;
  code: ErrorCode;
  /** Message and place as the admin reads them. */
  detail: RegExp;
  /** The callback that it happened in, where that is not the first one that the script has; `none` between two. */
  turn?: string;
}

const faults: readonly Fault[] = [
  {
    it: 'does not parse',
    script: 'function onLoginRequest(context) {\n  executeStep(1;\n}',
    code: 'SCRIPT_SYNTAX',
    detail: /\(line 2, column \d+\)$/,
    turn: 'none',
  },
  {
    it: 'has no entry',
    script: 'var onLogin = 1;',
    code: 'SCRIPT_ERROR',
    detail: /defines no function onLoginRequest/,
  },
  {
    it: 'throws at its top level',
    script: `\nthrow new Error('top');`,
    code: 'SCRIPT_ERROR',
    detail: /^Error: top \(line 2, column 7\)$/,
    turn: 'top level',
  },
  {
    it: 'throws in its entry',
    script: whole('null.x;'),
    code: 'SCRIPT_ERROR',
    detail: /^TypeError: .*null.* \(line 2, column 6\)$/,
  },
  {
    it: 'throws after a step',
    script: afterStep(`throw new RangeError('late');`),
    code: 'SCRIPT_ERROR',
    detail: /^RangeError: late \(line 3, column 7\)$/,
  },
  { it: 'throws what is no error', script: afterStep(`throw 'a text';`), code: 'SCRIPT_ERROR', detail: /^a text/ },
  {
    it: 'calls an unknown function',
    script: afterStep('grantEverything();'),
    code: 'SCRIPT_ERROR',
    detail: /^ReferenceError: grantEverything is not defined \(line 3, column 1\)$/,
  },
  {
    it: 'asks for a step that the flow lacks, in a callback',
    script: afterStep('executeStep(7);'),
    code: 'SCRIPT_ERROR',
    detail: /^executeStep\(7\): the flow has the steps 1 to 2\. \(line 3, column 1\)$/,
  },
  {
    it: 'asks for a step that is no number',
    script: afterStep(`executeStep('first');`),
    code: 'SCRIPT_ERROR',
    detail: /^executeStep: step must be a number, and "first" was given\. \(line 3, column 1\)$/,
  },
  {
    it: 'asks for no step at all',
    script: afterStep('executeStep();'),
    code: 'SCRIPT_ERROR',
    detail: /^executeStep: step must be a number, and nothing was given\. \(line 3, column 1\)$/,
  },
  {
    it: 'asks for no option of a step, which is found when its turn comes',
    script: afterStep('executeStep(2, { authenticationOptions: [] }, {});'),
    code: 'SCRIPT_ERROR',
    detail: /^executeStep\(2\): authenticationOptions matches none .* \(line 3, column 1\)$/,
    turn: 'none',
  },
  {
    it: 'asks about nobody',
    script: afterStep(`hasRole(null, 'admin');`),
    code: 'SCRIPT_ERROR',
    detail: /^hasRole: user must be a user object.* \(line 3, column 1\)$/,
  },
  {
    it: 'asks about somebody made up',
    script: afterStep(`hasRole({ $user: 'user_x' }, 'admin');`),
    code: 'SCRIPT_ERROR',
    detail: /\(line 3, column 1\)$/,
  },
  {
    it: 'gives a text where a list is due',
    script: afterStep(`isMemberOfAnyOfGroups(context.currentKnownSubject, 'staff');`),
    code: 'SCRIPT_ERROR',
    detail: /^isMemberOfAnyOfGroups: groups must be a list of texts, and "staff" was given\. \(line 3, column 1\)$/,
  },
  {
    it: 'gives too many arguments, and catches',
    script: afterStep(`try { hasRole(context.currentKnownSubject, 'a', 'b'); } catch (e) {}`),
    code: 'SCRIPT_ERROR',
    detail: /takes 2 arguments, and 3 were given/,
  },
  {
    it: 'writes what is no attribute',
    script: afterStep(`context.currentKnownSubject.localClaims.userid = 'user_x';`),
    code: 'SCRIPT_ERROR',
    detail: /cannot be written\. \(line 3, column \d+\)$/,
  },
  {
    it: 'loops before any step',
    script: whole('while (true) {}'),
    code: 'SCRIPT_TIMEOUT',
    detail: /more than 100 ms of CPU time/,
  },
  {
    it: 'loops after a step, and catches',
    script: afterStep('try { for (;;); } catch (e) { executeStep(1); }'),
    code: 'SCRIPT_TIMEOUT',
    detail: /CPU time/,
  },
  {
    it: 'asks a regular expression without end',
    script: afterStep(`/^(a+)+$/.test('a'.repeat(40) + 'b');`),
    code: 'SCRIPT_TIMEOUT',
    detail: /CPU time/,
  },
  {
    it: 'allocates without end',
    script: afterStep('var all = []; for (;;) all.push(new Array(10000).fill(all.length));'),
    code: 'SCRIPT_MEMORY',
    detail: /more than 16 MiB/,
  },
  {
    it: 'recurses without end',
    script: afterStep('(function f() { f(); })();'),
    code: 'SCRIPT_ERROR',
    detail: /^RangeError: Maximum call stack/,
  },
  {
    it: 'asks without end',
    script: afterStep(`for (;;) hasRole(context.currentKnownSubject, 'a');`),
    code: 'SCRIPT_LIMIT',
    detail: /more than 200 calls/,
  },
  {
    it: 'schedules more than a sign-in may have',
    script: whole('for (var i = 0; i < 300; i++) executeStep(1);'),
    code: 'SCRIPT_QUEUE',
    detail: /More than 200 calls/,
  },
  {
    it: 'waits for what never comes',
    script: whole(
      'executeStep(1, { onSuccess: async function () { await new Promise(function () {}); executeStep(2); } });',
    ),
    code: 'SCRIPT_DEADLOCK',
    detail: /promise/,
    turn: 'onSuccess of executeStep(1)',
  },
  {
    it: 'breaks a promise',
    script: whole(`executeStep(1, { onSuccess: async function () { throw new Error('later'); } });`),
    code: 'SCRIPT_ERROR',
    detail: /^Error: later/,
    turn: 'onSuccess of executeStep(1)',
  },
];

const benign = afterStep('executeStep(1);');

describe('A script that', () => {
  it.each(faults)(
    '$it: fails closed, and a sign-in next to it succeeds',
    async ({ script, code, detail, ...where }) => {
      const turn =
        where.turn ?? (script.includes('executeStep(1, {') ? 'onSuccess of executeStep(1)' : 'onLoginRequest');
      await world.publish({
        steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }, { options: [{ authenticator: 'totp' }] }],
        script: benign,
      });
      const neighbour = await beginsSignIn(world);
      await typesPassword(neighbour, 'ben');
      await world.publish({ script });

      const [person] = await Promise.all([goesOn(beginsSignIn(world)), typesPassword(neighbour, 'ben')]);
      expect(person.isAt()).toBe('You are not signed in');
      const refusal = await readRefusal(world, person);
      expect(refusal).toMatchObject({ status: 500, code, event: { type: 'login.failed', code } });
      expect(refusal.event!.details['detail']).toMatch(detail);
      // A process that had to be ended can no longer tell; a busy machine may come to that.
      const isEnded = /its process was ended/.test(String(refusal.event!.details['detail']));
      expect(refusal.event!.details['turn'] ?? 'none').toBe(isEnded ? 'none' : turn);
      // The person learns nothing of the script.
      expect(refusal.text).toContain('a fault in the sign-in of this application');
      expect(refusal.text).not.toMatch(/line|Error:|executeStep/);

      expect(neighbour.isAt()).toBe('Signed in');
      expect((await askApplication(world, person)).signedIn).toBe(false);
      await person.follows('Back to Payroll');
      expect((await askApplication(world, person)).failure).toMatchObject({ error: 'server_error' });
      expect(await world.happened()).toEqual({ 'login.failed': 1, 'login.succeeded': 1 });
    },
  );

  it('logs without end is cut off, and signs in', async () => {
    await world.publish({
      script: afterStep(`for (var i = 0; i < 1000; i++) Log.info('x'.repeat(10000) + '\\r\\n\\u001b[31m' + i);`),
    });
    const person = await goesOn(beginsSignIn(world));
    expect(person.isAt()).toBe('Signed in');
  });
});

/** Types Ann's password where it is asked for. */
async function goesOn(begun: Promise<Person>): Promise<Person> {
  const person = await begun;
  if (person.isAt() === 'Sign in') await typesPassword(person, 'ann');
  return person;
}

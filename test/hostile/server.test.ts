import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakerDefaults } from '../../src/login/script-breaker.ts';
import { askApplication, beginsSignIn, readRefusal, typesPassword } from '../stories/moves.ts';
import { startWorld, type World } from '../stories/world.ts';

/** Hostile scripts through the whole server: who signs in, who manages it, and who signs in beside them. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.happened();
});

const whole = (body: string) => `var onLoginRequest = function (context) {\n${body}\n};`;

/** A sign-in that gets an answer: one that a busy machine turns away begins again. */
async function isRefused() {
  for (;;) {
    const person = await beginsSignIn(world);
    const refusal = await readRefusal(world, person);
    if (refusal.code !== 'OVERLOADED' && refusal.code !== 'SCRIPT_WALL_TIMEOUT') return { person, ...refusal };
  }
}

describe('a script fails closed, with one event, that', () => {
  it.each([
    [
      'is in a loop that cannot be broken',
      `Array.prototype.includes.call({ length: Math.pow(2, 53) }, 1);`,
      'SCRIPT_TIMEOUT',
    ],
    ['makes V8 give up', 'Array.prototype.sort.call({ length: Math.pow(2, 31) });', 'SCRIPT_MEMORY'],
    ['fills its memory', `'x'.repeat(Math.pow(2, 28)).split('');`, 'SCRIPT_MEMORY'],
    ['asks for other code', `Reflect.apply(Log.info.constructor, null, ['return process'])();`, 'SCRIPT_ERROR'],
    ['says more than may be said', `fail({ errorMessage: 'x'.repeat(2e6) });`, 'SCRIPT_DATA'],
    [
      'throws ten thousand characters',
      `throw new Error('\\r\\n\\u001b[31m\\u202e<b>' + '€"'.repeat(1e4));`,
      'SCRIPT_ERROR',
    ],
  ])('%s', async (_it, body, code) => {
    await world.publish({ script: whole(body) });
    const { person, ...refusal } = await isRefused();
    expect(person.isAt()).toBe('You are not signed in');
    expect(refusal).toMatchObject({ code, event: { type: 'login.failed', code, reference: expect.any(String) } });
    expect(refusal.event!.details['version']).toEqual(expect.any(Number));
    expect(Buffer.byteLength(JSON.stringify(refusal.event))).toBeLessThan(4096);
    expect(JSON.stringify(refusal.event)).not.toMatch(/\\\\[rn]|\\\\u|\u202e/);
    expect(refusal.text).not.toMatch(/Error:|xxxx|sandbox|<b>/);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect((await askApplication(world, person)).signedIn).toBe(false);

    await world.publish({ script: whole('executeStep(1);') });
    const next = await beginsSignIn(world);
    await typesPassword(next, 'ann');
    expect(next.isAt()).toBe('Signed in');
  });
});

describe('a version that runs out of time again and again', () => {
  it('is refused for a while, told once, and tried again; another version is played at once', async () => {
    await world.publish({ script: whole('if (context.request.ip) for (;;);') });
    const codes: string[] = [];
    for (let i = 0; i < breakerDefaults.failures + 2; i++) {
      codes.push((await isRefused()).code!);
    }
    expect(codes).toEqual([
      ...Array(breakerDefaults.failures).fill('SCRIPT_TIMEOUT'),
      'SCRIPT_SUSPENDED',
      'SCRIPT_SUSPENDED',
    ]);
    expect(await world.happened()).toEqual({ 'login.failed': codes.length, 'script.suspended': 1 });
    expect(await (await fetch(`${world.url}/metrics`)).text()).toContain('stepgate_script_plays_refused_total 2');

    world.clock.skip(breakerDefaults.restMs);
    expect((await isRefused()).code).toBe('SCRIPT_TIMEOUT');
    expect((await isRefused()).code).toBe('SCRIPT_SUSPENDED');

    await world.publish({ script: whole('executeStep(1);') });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
  });
});

describe('what a script gives fail and sendError', () => {
  it('goes to the application in a length and alphabet that OAuth has', async () => {
    await world.publish({ script: whole(`fail({ errorCode: 'a\\r\\nb"' + 'x'.repeat(9e5), errorURI: 'é' });`) });
    const person = await beginsSignIn(world);
    const { failure } = await askApplication(world, person);
    expect(failure!.error).toMatch(/^a\?\?b\?x{495}$/);
  });

  it.each([
    ['an object without methods', `sendError('OURS/x', { a: { toString: 1, valueOf: 1, toJSON: 1 } });`],
    ['a URL of a million characters', `sendError('OURS/x', { a: 'x'.repeat(9e5) });`],
    ['a URL that is a script', `sendError('javascript://localhost/%0aalert(1)');`],
    ['a URL with a new line', `sendError('http://evil.example/\\r\\nSet-Cookie: a=b');`],
    ['a list in place of a URL', `sendError([1, { a: 1 }], [1]);`],
  ])('%s leads nobody astray', async (_it, body) => {
    await world.publish({ script: whole(body.replace('OURS', world.url)) });
    const person = await beginsSignIn(world);
    expect(new URL(person.page().url).origin).toBe(world.url);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect((await askApplication(world, person)).signedIn).toBe(false);
  });
});

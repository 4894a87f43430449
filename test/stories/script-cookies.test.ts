import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPerson, type Person } from '../../src/cli/demo/person.ts';
import { day, minute } from '../../src/kernel/clock.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { passwordOnly, passwordOrGoogle, readLastLogin, signedIn } from './session-moves.ts';
import { password, startWorld, type World } from './world.ts';

/** Cookies that scripts give to browsers, and what they take back from them. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.publish(passwordOnly);
  await world.happened();
});

const sets = (call: string) => ({
  steps: [passwordOrGoogle],
  script: `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { ${call}; } }); }`,
});
const reads = (options: string, name = 'device') => ({
  steps: [passwordOrGoogle],
  script: `function onLoginRequest(context) { Log.info(getCookieValue(context.request, '${name}'${options && `, ${options}`})); executeStep(1); }`,
});

async function getsCookie(call: string): Promise<Person> {
  await world.publish(sets(call));
  const person = await beginsSignIn(world);
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('Signed in');
  return person;
}

/** What a script reads in the browser's next sign-in. */
async function readsBack(person: Person, options = '', name?: string): Promise<string> {
  await world.publish(reads(options, name));
  await asksForSignIn(world, person, { prompt: 'login' });
  const [line = ''] = await readScriptLog(world, loginIdOf(person));
  return line.replace(/^info \d+: /, '');
}

/** Another browser of theirs, with these cookies in place of what it was given, and beside it. */
async function sendsInstead(person: Person, changes: Record<string, string>): Promise<Person> {
  const given = (await cookieOf(person)) ?? '';
  const sent = Object.entries({ device: given, ...changes }).map(
    ([name, value]) => [name, `${name}=${value}`] as const,
  );
  const other = createPerson();
  for (const [, cookie] of sent) await other.keepsCookie(world.url, `${cookie}; Path=/`);
  return other;
}

const cookieOf = async (person: Person, name = 'device') =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(await person.cookiesFor(world.url))?.[1] ?? null;

const text = 'Gerät 7; a=b, "c" 🔑';
const js = JSON.stringify(text);

describe('A value comes back as it was set', () => {
  it.each([
    ['plain', '', ''],
    ['plain, like something of ours', '', ''],
    ['signed', ", { sign: true, 'max-age': 600 }", '{ validateSignature: true }'],
    ['encrypted', ", { encrypt: 'true', 'max-age': '600' }", '{ decrypt: true }'],
    ['both', ', { sign: true, encrypt: true }', '{ decrypt: true, validateSignature: true }'],
  ])('%s', async (how, given, demanded) => {
    const value = how.endsWith('ours') ? 'e1.x' : text;
    const person = await getsCookie(`setCookie(context.response, 'device', ${JSON.stringify(value)}${given})`);
    expect((await cookieOf(person))!.includes('Ger')).toBe(how === 'plain');
    expect(await readsBack(person, demanded)).toBe(value);
  });
});

describe('Nothing comes back', () => {
  it.each([
    ['when there is none', '', '', 'other'],
    ['when its name is that of something that every object has', '', '', 'constructor'],
    ['when it is not signed, and should be', '', '{ validateSignature: true }', 'device'],
    ['when it is not encrypted, and should be', ', { sign: true }', '{ decrypt: true }', 'device'],
    ['when it is encrypted, and nobody opens it', ', { encrypt: true }', '', 'device'],
    [
      'when it is encrypted and not signed, and should be both',
      ', { encrypt: true }',
      '{ decrypt: true, validateSignature: true }',
      'device',
    ],
  ])('%s', async (_when, given, demanded, name) => {
    const person = await getsCookie(`setCookie(context.response, 'device', ${js}${given})`);
    expect(await readsBack(person, demanded, name)).toBe('null');
  });

  it('after its max-age, although the browser still sends it', async () => {
    const person = await getsCookie(`setCookie(context.response, 'device', 'x', { sign: true, 'max-age': 600 })`);
    const keeper = await sendsInstead(person, {});
    world.clock.skip(9 * minute);
    expect(await readsBack(keeper, '{ validateSignature: true }')).toBe('x');
    world.clock.skip(minute);
    expect(await readsBack(keeper, '{ validateSignature: true }')).toBe('null');
  });

  it('when it was changed, cut, or moved to another name', async () => {
    for (const [given, demanded] of [
      ['sign', 'validateSignature'],
      ['encrypt', 'decrypt'],
    ]) {
      const person = await getsCookie(`setCookie(context.response, 'device', 'user_1', { ${given}: true })`);
      const value = (await cookieOf(person))!;
      const middle = Math.floor(value.length / 2);
      const changed = value.slice(0, middle) + (value[middle] === 'A' ? 'B' : 'A') + value.slice(middle + 1);
      for (const device of [changed, value.slice(0, -3), value.slice(0, 3), 's1.e30.x', 'e1.', 's1.']) {
        const thief = await sendsInstead(person, { device });
        expect(await readsBack(thief, `{ ${demanded}: true }`)).toBe('null');
      }
      const mover = await sendsInstead(person, { other: value });
      expect(await readsBack(mover, `{ ${demanded}: true }`, 'other')).toBe('null');
      expect(await readsBack(mover, `{ ${demanded}: true }`)).toBe('user_1');
    }
  });

  it('of the server’s own cookies', async () => {
    const { person } = await signedIn(world);
    expect(await cookieOf(person, 'sg_session')).not.toBeNull();
    expect(await readsBack(person, '', 'sg_session')).toBe('null');
  });
});

describe('The browser gets it', () => {
  const headersOf = async (call: string) => {
    await world.publish({
      steps: [passwordOrGoogle],
      script: `function onLoginRequest(context) { ${call}; executeStep(1); }`,
    });
    const person = await beginsSignIn(world);
    const response = await fetch(person.page().url, {
      redirect: 'manual',
      headers: { cookie: await person.cookiesFor(person.page().url) },
    });
    return response.headers.getSetCookie().filter((line) => !line.startsWith('sg_'));
  };

  it.each([
    ["'a', '1'", 'a=1; Path=/; HttpOnly; SameSite=Lax'],
    [
      "'a', 'x y', { path: '/login', 'max-age': '60', httpOnly: false, sameSite: 'strict' }",
      'a=x%20y; Path=/login; Max-Age=60; SameSite=Strict',
    ],
    [
      "'a', '', { domain: 'localhost', 'max-age': -5 }",
      'a=; Path=/; Domain=localhost; Max-Age=0; HttpOnly; SameSite=Lax',
    ],
    ["'a', '1', { sameSite: 'None' }", 'a=1; Path=/; HttpOnly; Secure; SameSite=None'],
    [
      "'a', '1', { secure: 'true', maxAge: 1e12, comment: 'old', version: 1 }",
      'a=1; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      "'a', 'x\\r\\nSet-Cookie: sg_session=1; y'",
      'a=x%0D%0ASet-Cookie%3A%20sg_session%3D1%3B%20y; Path=/; HttpOnly; SameSite=Lax',
    ],
  ])('setCookie(response, %s)', async (args, line) => {
    expect(await headersOf(`setCookie(context.response, ${args})`)).toEqual([line]);
  });

  it('in the turn that ends the sign-in, without a page, and when it fails', async () => {
    const { person } = await signedIn(world);
    await world.publish(sets("setCookie(context.response, 'silent', '1')"));
    await asksForSignIn(world, person, { prompt: 'none' });
    expect(person.isAt()).toBe('Signed in');
    expect(await cookieOf(person, 'silent')).toBe('1');

    await world.publish(sets("setCookie(context.response, 'refused', '1'); fail()"));
    await asksForSignIn(world, person);
    expect(person.isAt()).toBe('Sign-in was refused');
    expect(await cookieOf(person, 'refused')).toBe('1');
  });

  it('through a provider and a restart, and from somebody who keeps no account', async () => {
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
    await world.publish({
      ...sets("setCookie(context.response, 'late', '1')"),
      script: `function onLoginRequest(context) {
        setCookie(context.response, 'early', '1');
        executeStep(1, { onSuccess: function (context) { setCookie(context.response, 'late', '1'); } });
      }`,
    });
    const person = await beginsSignIn(world);
    await world.restart();
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('Signed in');
    expect([await cookieOf(person, 'early'), await cookieOf(person, 'late')]).toEqual(['1', '1']);
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: true } }));
  });
});

describe('A script error tells what is wrong', () => {
  it.each([
    ["setCookie(context.response, 'sg_session', 'x')", 'must not be one of the server’s own cookies'],
    ["setCookie(context.response, '__Host-SG_session', 'x')", 'must not be one of the server’s own cookies'],
    ["setCookie(context.response, 'a b', 'x')", 'name must be a cookie’s name'],
    ["setCookie(context.response, 'a;b=c', 'x')", 'name must be a cookie’s name'],
    ["setCookie(context.response, 'a', 'x'.repeat(5000))", 'at most 4096 bytes'],
    ["for (var i = 0; i < 9; i++) setCookie(context.response, 'a' + i, 'x'.repeat(1000))", 'at most 8192 bytes'],
    ["setCookie(context.response, 'a', 'x', { domain: 'evil.example' })", 'domain must be localhost'],
    ["setCookie(context.response, 'a', 'x', { domain: 'a; Path=/' })", 'domain must be the name of a host'],
    ["setCookie(context.response, 'a', 'x', { path: '/a; Domain=b' })", 'path must begin with a slash'],
    ["setCookie(context.response, 'a', 'x', { 'max-age': 'soon' })", 'max-age must be a number of seconds'],
    ["setCookie(context.response, 'a', 'x', { sameSite: 'Some' })", 'sameSite must be Strict, Lax or None'],
    ["setCookie(context.response, 'a', 'x', { sameSite: 'None', secure: false })", 'sameSite None needs secure'],
    ["setCookie(context.response, 'a', 'x', { sign: 'maybe' })", 'setCookie: sign must be true or false'],
    ["setCookie(context.response, 'a', 'x', { encrypted: true })", 'options has sign, encrypt'],
    ["setCookie(context.response, 'a', 'x', { sameSite: ['Lax'] })", 'sameSite must be Strict, Lax or None'],
    ["getCookieValue(context.request, 'a', { decrypt: 3 })", 'getCookieValue: decrypt must be true or false'],
    [
      "getCookieValue(context.request, 'a', { validateSignatures: true })",
      'getCookieValue: options has decrypt, validateSignature, and "validateSignatures" was given',
    ],
  ])('%s', async (call, message) => {
    await world.publish({
      steps: [passwordOrGoogle],
      script: `function onLoginRequest(context) { ${call}; executeStep(1); }`,
    });
    const person = await beginsSignIn(world);
    expect(person.page().status).toBe(500);
    const event = await world.lastEvent('login.failed');
    expect(event.code).toBe('SCRIPT_ERROR');
    expect(String(event.details['detail'])).toContain(message);
    expect(await cookieOf(person, 'a')).toBeNull();
  });
});

it('a trusted device: asked once, then known for a month', async () => {
  await world.publish({
    steps: [passwordOrGoogle, passwordOrGoogle],
    script: `function onLoginRequest(context) {
      executeStep(1, { onSuccess: function (context) {
        var user = context.currentKnownSubject;
        var device = getCookieValue(context.request, 'trusted', { decrypt: true, validateSignature: true });
        if (device === user.uniqueId) return;
        executeStep(2, { onSuccess: function (context) {
          setCookie(context.response, 'trusted', user.uniqueId, { sign: true, encrypt: true, 'max-age': 30 * 24 * 60 * 60 });
        } });
      } });
    }`,
  });
  const person = await beginsSignIn(world);
  await typesPassword(person, 'ann');
  await person.submits({ password });
  expect((await readLastLogin(world)).steps).toHaveLength(2);
  world.clock.skip(29 * day);
  await asksForSignIn(world, person, { prompt: 'login' });
  await typesPassword(person, 'ann');
  expect((await askApplication(world, person)).signedIn).toBe(true);
  expect((await readLastLogin(world)).steps).toHaveLength(1);
  world.clock.skip(2 * day);
  await asksForSignIn(world, person, { prompt: 'login' });
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('Sign in');
});

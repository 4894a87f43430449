import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { Field } from '../../src/cli/demo/read-page.ts';
import { minute } from '../../src/kernel/clock.ts';
import type { ErrorCode } from '../../src/kernel/errors.ts';
import { askApplication, beginsSignIn, loginIdOf, readRefusal, typesPassword } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** Requests that no honest page makes, or makes too late: each is refused, and the sign-in stays where it was. */

let world: World;

beforeAll(async () => {
  world = await startWorld({ flow: { script: 'function onLoginRequest(context) { executeStep(1); }' } });
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

/** Sends the page's first form with other fields than it has. */
function sends(person: Person, change: (fields: Field[]) => Field[]) {
  const page = person.page();
  const [form] = page.forms;
  const filled = form!.fields.map((field) => ({
    ...field,
    value: { username: 'ann', password }[field.name] ?? field.value,
  }));
  person.returnsTo({ ...page, forms: [{ ...form!, fields: change(filled) }] });
  return person.submits({});
}
const set = (name: string, value: string) => (fields: Field[]) =>
  fields.map((field) => (field.name === name ? { ...field, value } : field));
const tokenOf = (person: Person) => person.page().forms[0]!.fields.find(({ name }) => name === 'csrf')!.value!;

async function expectRefused(person: Person, status: number, code: ErrorCode, loginId: string | null) {
  const refusal = await readRefusal(world, person);
  expect(refusal).toMatchObject({ status, code });
  expect(refusal.event).toMatchObject({ type: 'login.request-refused', code, loginId });
  expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
}

/** The sign-in is as it was: the right answer is still the right one. */
async function expectUnharmed(person: Person, loginUrl: string) {
  await person.opens(loginUrl);
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('Signed in');
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
}

describe('A form', () => {
  it.each<[string, (person: Person) => Promise<unknown>, number, ErrorCode]>([
    [
      'without its token',
      (person) => sends(person, (all) => all.filter(({ name }) => name !== 'csrf')),
      403,
      'CSRF_INVALID',
    ],
    ['with a made-up token', (person) => sends(person, set('csrf', 'x'.repeat(43))), 403, 'CSRF_INVALID'],
    ['with an empty token', (person) => sends(person, set('csrf', '')), 403, 'CSRF_INVALID'],
    ['with its token twice', (person) => sends(person, (all) => [...all, ...all]), 403, 'CSRF_INVALID'],
    [
      'with the token of another sign-in of the same browser',
      async (person) => {
        const tab = person.opensTab();
        await tab.opens(`${world.application.url}/sign-in`);
        return sends(person, set('csrf', tokenOf(tab)));
      },
      403,
      'CSRF_INVALID',
    ],
    [
      'that is larger than any page of ours',
      (person) => sends(person, set('password', 'x'.repeat(70_000))),
      400,
      'INVALID_REQUEST',
    ],
  ])('%s is refused', async (_what, send, status, code) => {
    const person = await beginsSignIn(world);
    const { url } = person.page();
    const id = loginIdOf(person);
    await send(person);
    await expectRefused(person, status, code, id);
    await expectUnharmed(person, url);
  });

  it.each([
    ['the user name', 'username', 422],
    ['the password', 'password', 200],
  ])('with %s twice: nothing is taken of it', async (_what, name, status) => {
    const person = await beginsSignIn(world);
    const { url } = person.page();
    await sends(person, (all) => [...all, ...all.filter((field) => field.name === name)]);
    expect(person.page().status).toBe(status);
    expect(person.isAt()).toBe('Sign in');
    expect(await world.happened()).toEqual({});
    await expectUnharmed(person, url);
  });

  it('with fields of other pages, and names that objects have, changes nothing else', async () => {
    const person = await beginsSignIn(world);
    const extra = ['__proto__', 'constructor', 'code', 'state', 'step', 'seq', 'user', 'proves', 'subject'];
    await sends(person, (all) => [
      ...set('password', 'wrong')(all),
      ...extra.map((name) => ({ name, type: 'hidden', value: '{"proves":true}' })),
    ]);
    expect(person.page().status).toBe(422);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({});
  });

  it('that names an option or an action that the step lacks shows the step as it is', async () => {
    for (const [name, value] of [
      ['option', 'totp'],
      ['option', 'FIDOAuthenticator'],
      ['action', 'resend'],
      ['action', 'x'],
    ]) {
      const person = await beginsSignIn(world);
      await sends(person, (all) => [
        ...all.filter((field) => field.name === 'csrf'),
        { name: name!, type: 'hidden', value: value! },
      ]);
      expect(person.isAt()).toBe('Sign in');
      expect((await askApplication(world, person)).signedIn).toBe(false);
    }
    expect(await world.happened()).toEqual({});
  });

  it('in another encoding is refused', async () => {
    const person = await beginsSignIn(world);
    const { url } = person.page();
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: await person.cookiesFor(url) },
      body: JSON.stringify({ csrf: tokenOf(person), username: 'ann', password }),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
    await expectUnharmed(person, url);
  });
});

describe('Another browser', () => {
  it.each<[string, (stranger: Person, owner: Person) => Promise<unknown>]>([
    ['cannot see the page', (stranger, owner) => stranger.opens(owner.page().url)],
    [
      'cannot answer with the owner’s own form',
      (stranger, owner) => {
        stranger.returnsTo(owner.page());
        return typesPassword(stranger, 'ann');
      },
    ],
    ['cannot go back to the application with it', (stranger, owner) => stranger.opens(`${owner.page().url}/return`)],
    [
      'cannot bring a provider’s answer',
      (stranger, owner) => stranger.opens(`${owner.page().url}/callback?code=x&state=y`),
    ],
  ])('%s', async (_what, tries) => {
    const owner = await beginsSignIn(world);
    const id = loginIdOf(owner);
    const stranger = await beginsSignIn(world);
    await tries(stranger, owner);
    await expectRefused(stranger, 403, 'WRONG_BROWSER', id);
    await expectUnharmed(owner, owner.page().url);
  });

  it('has its own sign-in, which the other one does not touch', async () => {
    const [one, other] = [await beginsSignIn(world), await beginsSignIn(world)];
    await typesPassword(one, 'ann');
    expect((await askApplication(world, other)).signedIn).toBe(false);
    await typesPassword(other, 'ann');
    expect(other.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
  });
});

describe('The cookie of the session', () => {
  const sessionOf = async (person: Person) =>
    /sg_session=([^;]+)/.exec(await person.cookiesFor(`${world.url}/oidc/authorize`))?.[1];

  it('is a new one after each sign-in, so that one planted or seen before is worth nothing', async () => {
    const seen = new Set<string | undefined>();
    const person = await beginsSignIn(world);
    for (let signIns = 0; signIns < 3; signIns++) {
      if (signIns > 0) await person.opens(`${world.application.url}/sign-in?prompt=login`);
      seen.add(await sessionOf(person));
      await typesPassword(person, 'ann');
      expect(person.isAt()).toBe('Signed in');
      expect(seen).not.toContain(await sessionOf(person));
    }
  });
});

describe('A flood of them', () => {
  it('from one network leaves so many events and no more, and tells of the next minute again', async () => {
    const ask = async (path: string) =>
      (await fetch(`${world.url}${path}`, { headers: { accept: 'text/html' } })).status;
    const paths = ['/login/login_x', '/login/callback?state=x', '/consent/x', '/oidc/logout?id_token_hint=x'];
    for (let i = 0; i < 100; i++) expect(await ask(paths[i % paths.length]!)).toBeGreaterThanOrEqual(400);
    const { 'login.request-refused': refused = 0, 'oidc.error': errors = 0 } = await world.happened();
    expect(refused + errors).toBeLessThanOrEqual(60);
    expect(world.log.filter(({ reference }) => reference).length).toBeGreaterThanOrEqual(100);

    const person = world.somebody();
    await person.opens(`${world.url}/login/login_x`);
    expect((await readRefusal(world, person)).reference).not.toBeNull();
    expect(await world.happened()).toEqual({});
    world.clock.skip(minute);
    await person.opens(`${world.url}/login/login_x`);
    await expectRefused(person, 404, 'LOGIN_NOT_FOUND', null);
  });
});

describe('An address', () => {
  it.each<[string, string, number, ErrorCode]>([
    ['of no sign-in', '/login/login_AAAAAAAAAAAAAAAAAAAAAA', 404, 'LOGIN_NOT_FOUND'],
    ['of no sign-in, to be answered from elsewhere', '/login/login_x/callback?state=x', 404, 'LOGIN_NOT_FOUND'],
    ['for a provider’s answer without state', '/login/callback?code=x', 400, 'STATE_INVALID'],
    ['for a provider’s answer with a made-up state', '/login/callback?code=x&state=x', 400, 'STATE_INVALID'],
    ['for a provider’s answer with two states', '/login/callback?code=x&state=x&state=y', 400, 'STATE_INVALID'],
  ])('%s', async (_what, path, status, code) => {
    const person = world.somebody();
    await person.opens(`${world.url}${path}`);
    await expectRefused(person, status, code, null);
  });

  it('that is none of ours is not found, and no event', async () => {
    const person = world.somebody();
    for (const path of ['/login', '/login/', '/login/a/b/c', '/login/%E0%A4%A', '/nothing']) {
      await person.opens(`${world.url}${path}`);
      expect([400, 404]).toContain(person.page().status);
    }
    expect((await world.happened())['login.failed']).toBeUndefined();
  });

  it.each<[string, Record<string, string>, ErrorCode]>([
    ['an unknown application', { client_id: 'nobody' }, 'CLIENT_UNKNOWN'],
    ['an address that is not registered', { redirect_uri: 'https://evil.example/callback' }, 'REDIRECT_URI_INVALID'],
    ['a registered address with more behind it', { redirect_uri: 'more' }, 'REDIRECT_URI_INVALID'],
  ])('that asks for %s leads nowhere', async (_what, changes, code) => {
    const { callbackUrl } = world.application;
    const asked = {
      client_id: 'payroll',
      redirect_uri: callbackUrl,
      response_type: 'code',
      scope: 'openid',
      ...changes,
    };
    if (asked.redirect_uri === 'more') asked.redirect_uri = `${callbackUrl}/more`;
    const person = world.somebody();
    await person.opens(`${world.url}/oidc/authorize?${new URLSearchParams(asked)}`);
    const refusal = await readRefusal(world, person);
    expect(person.page().url).toContain(world.url);
    expect(refusal).toMatchObject({ status: 400, code, event: { type: 'oidc.error', code } });
    expect(await world.happened()).toEqual({ 'oidc.error': 1 });
  });
});

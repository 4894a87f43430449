import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoginResult } from '../../src/login/handoff.ts';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import { type BegunLogin, createWorld, success, type World } from './world.ts';

let world: World;
let party: RelyingParty;
beforeAll(async () => {
  world = await createWorld();
  party = await createRelyingParty(world, await world.addApplication());
});
afterAll(() => world.close());

const answerOf = async (params: Record<string, string> = {}) => {
  const { page } = await party.send(world.newBrowser(), params);
  return Object.fromEntries(new URL(page.location ?? '').searchParams);
};

async function begin(params: Record<string, string> = {}): Promise<BegunLogin> {
  await world.newBrowser().request((await party.request(params)).url);
  return world.begun.at(-1) as BegunLogin;
}

test('a refusal reaches the application in the login’s own words', async () => {
  world.answer = () => ({
    ok: false,
    error: 'access_denied',
    errorDescription: 'Not from this country.',
    errorUri: 'https://help.test/7',
  });
  expect(await answerOf()).toMatchObject({
    error: 'access_denied',
    error_description: 'Not from this country.',
    error_uri: 'https://help.test/7',
    iss: world.oidc.issuer,
  });
  world.answer = () => ({ ok: false, error: 'payroll_closed', errorDescription: 'Come back tomorrow.' });
  expect(await answerOf()).toMatchObject({ error: 'payroll_closed', error_description: 'Come back tomorrow.' });
  world.answer = () => ({ ok: false, error: 'not "allowed"\n', errorDescription: 'x' });
  expect(await answerOf()).toMatchObject({ error: 'access_denied' });
});

test('the same result again gives the same redirect; another one is refused', async () => {
  const user = await world.addUser();
  const begun = await begin();
  const result = success(user.subject, { claims: { a: 1, b: 2 } })(begun) as Extract<LoginResult, { ok: true }>;
  const first = await world.finish(begun.interactionUid, result);
  const reordered = { ...result, claims: { b: 2, a: 1 } };
  expect(await world.finish(begun.interactionUid, reordered)).toEqual(first);
  expect(first.redirectTo).toBe(`${world.oidc.issuer}/authorize/${begun.interactionUid}`);
  await expect(world.finish(begun.interactionUid, { ...result, subject: 'other' })).rejects.toMatchObject({
    code: 'STEP_NOT_CURRENT',
  });
  await expect(
    world.finish(begun.interactionUid, { ok: false, error: 'access_denied', errorDescription: '' }),
  ).rejects.toMatchObject({ code: 'STEP_NOT_CURRENT' });
});

test('a result can be taken to the application until that was done', async () => {
  const user = await world.addUser();
  let uid = '';
  world.answer = (begun) => {
    uid = begun.interactionUid;
    return success(user.subject)(begun);
  };
  const browser = world.newBrowser();
  const login = await browser.request((await party.request()).url);
  const finished = await browser.request(login.location ?? '');
  expect(await world.finisher.isOpen(uid)).toBe(true);
  expect((await browser.request(finished.location ?? '')).location).toContain('code=');
  expect(await world.finisher.isOpen(uid)).toBe(false);
});

test('two tabs that bring a finished login back at the same moment get one code', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  const login = await browser.request((await party.request()).url);
  const finished = await browser.request(login.location ?? '');
  const pages = await Promise.all([1, 2, 3].map(() => browser.request(finished.location ?? '')));
  const codes = pages.flatMap(({ location }) =>
    location === null ? [] : new URL(location).searchParams.getAll('code'),
  );
  expect(codes).toHaveLength(1);
  expect(pages.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
});

test('a request that is over takes no result', async () => {
  const begun = await begin();
  await expect(world.finish('unknown', success('x')(begun))).rejects.toMatchObject({
    code: 'LOGIN_EXPIRED',
  });
  world.later(3_601_000);
  await expect(world.finish(begun.interactionUid, success('x')(begun))).rejects.toMatchObject({
    code: 'LOGIN_EXPIRED',
  });
});

test('an essential acr is met or an error, and never another login', async () => {
  const user = await world.addUser();
  const essential = { claims: '{"id_token":{"acr":{"essential":true,"values":["gold","platinum"]}}}' };
  const single = { claims: '{"id_token":{"acr":{"essential":true,"value":"gold"}}}' };
  for (const params of [essential, single]) {
    const before = world.begun.length;
    world.answer = success(user.subject, { acr: 'silver' });
    expect(await answerOf(params)).toMatchObject({ error: 'unmet_authentication_requirements' });
    world.answer = success(user.subject, { acr: null });
    expect(await answerOf(params)).toMatchObject({ error: 'unmet_authentication_requirements' });
    expect(world.begun.length - before).toBe(2);
    world.answer = success(user.subject, { acr: 'gold' });
    expect((await party.signIn(world.newBrowser(), params)).claims()?.acr).toBe('gold');
  }
  expect(world.begun.at(-1)?.request).toMatchObject({ acrValues: ['gold'], essentialAcr: ['gold'] });

  world.answer = success(user.subject, { acr: 'silver' });
  expect((await party.signIn(world.newBrowser(), { acr_values: 'gold' })).claims()?.acr).toBe('silver');
});

test('max_age and the person asked for are met or an error', async () => {
  const [ann, bob] = [await world.addUser(), await world.addUser()];
  const now = Math.floor(Date.now() / 1000);
  world.answer = success(ann.subject, { authTime: now - 600 });
  expect(await answerOf({ max_age: '300' })).toMatchObject({ error: 'login_required' });
  world.answer = success(ann.subject, { authTime: now - 200 });
  const tokens = await party.signIn(world.newBrowser(), { max_age: '300' });
  expect(tokens.claims()?.auth_time).toBe(now - 200);

  const hint = { id_token_hint: tokens.id_token ?? '' };
  world.answer = success(bob.subject);
  expect(await answerOf(hint)).toMatchObject({ error: 'login_required' });
  expect(await answerOf({ claims: JSON.stringify({ id_token: { sub: { value: ann.subject } } }) })).toMatchObject({
    error: 'login_required',
  });
  world.answer = success(ann.subject);
  expect(await answerOf(hint)).toHaveProperty('code');
});

test('a result that relied on a session is worth nothing once that session has ended', async () => {
  const user = await world.addUser();
  const browser = world.newBrowser();
  world.answer = success(user.subject);
  await party.signIn(browser);
  const { sessions } = world.database.read;
  const [session] = await sessions.listBySubject(user.subject);
  const told = async () => {
    world.answer = success(user.subject, { session: session!.id });
    const { page } = await party.send(browser);
    return Object.fromEntries(new URL(page.location ?? '').searchParams);
  };
  expect(await told()).toHaveProperty('code');
  await world.database.unit((stores) => stores.sessions.delete(session!.id));
  expect(await told()).toMatchObject({ error: 'login_required' });
  expect(await sessions.listBySubject(user.subject)).toEqual([]);
});

test('whoever is not the one that the application asks for is not spared a step by their session', async () => {
  const [ann, bob] = [await world.addUser(), await world.addUser()];
  const browser = world.newBrowser();
  world.answer = success(ann.subject);
  await party.signIn(browser);
  const asks = async (params: Record<string, string>) => {
    await browser.request((await party.request(params)).url);
    return world.begun.at(-1)?.browserUid;
  };
  const [session] = await world.database.read.sessions.listBySubject(ann.subject);
  const wants = ({ subject }: { subject: string }) => ({
    claims: JSON.stringify({ id_token: { sub: { value: subject } } }),
  });
  expect(await asks({})).toBe(session!.browserUid);
  expect(await asks(wants(ann))).toBe(session!.browserUid);
  expect(await asks(wants(bob))).toBeNull();
});

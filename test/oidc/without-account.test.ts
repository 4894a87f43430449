import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

const claims = {
  name: 'Grace Hopper',
  email: 'grace@example.com',
  email_verified: true,
  costCentre: '4711',
  groups: ['navy'],
};

let world: World;
let party: RelyingParty;
beforeAll(async () => {
  world = await createWorld();
  party = await createRelyingParty(world, await world.addApplication());
});
afterAll(() => world.close());

test('a person without an account: all that the sign-in brought reaches the application', async () => {
  world.answer = success('g-1', { account: false, claims, amr: ['fed'] });
  const tokens = await party.signIn(world.newBrowser());
  const told = {
    sub: 'g-1',
    name: 'Grace Hopper',
    email: 'grace@example.com',
    email_verified: true,
    costCentre: '4711',
  };
  expect(tokens.claims()).toMatchObject(told);
  expect(await party.userinfo(tokens)).toEqual(told);
  const next = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '');
  expect(next.claims()).toMatchObject(told);
});

test('two sign-ins keep their claims apart', async () => {
  const browser = world.newBrowser();
  world.answer = success('g-2', { account: false, claims: { ...claims, level: 'plain' } });
  const plain = await party.signIn(browser);
  world.answer = success('g-2', { account: false, claims: { ...claims, level: 'elevated' } });
  const elevated = await party.signIn(browser);
  expect(await party.userinfo(plain)).toMatchObject({ level: 'plain' });
  expect(await party.userinfo(elevated)).toMatchObject({ level: 'elevated' });
});

test('the attributes are stored sealed, and go with the tokens', async () => {
  const sqlite = new Sqlite(join(world.directory, 'stepgate.db'), { readonly: true });
  const records = () => sqlite.prepare("SELECT count(*) AS n FROM artifacts WHERE model IN ('SignIn', 'Grant')").get();
  const before = records();
  world.answer = success('g-3', { account: false, claims: { ...claims, name: 'Ada-Canary-Lovelace' } });
  const tokens = await party.signIn(world.newBrowser());
  expect(tokens.claims()?.['name']).toBe('Ada-Canary-Lovelace');
  expect(records()).not.toEqual(before);
  const files = (await readdir(world.directory)).map((name) => readFile(join(world.directory, name), 'latin1'));
  expect((await Promise.all(files)).join()).not.toContain('Canary');
  await party.post('/revoke', { token: tokens.refresh_token ?? '' });
  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect(records()).toEqual(before);
  sqlite.close();
});

test('an account made later under the same subject is the person’s from then on', async () => {
  world.answer = success('g-4', { account: false, claims });
  const tokens = await party.signIn(world.newBrowser());
  const user = await world.addUser({ subject: 'g-4', username: 'grace4', usernameKey: 'grace4' });
  expect(await party.userinfo(tokens)).toMatchObject({ sub: 'g-4', preferred_username: 'grace4' });
  await world.change(user.id, { disabled: true });
  await expect(party.userinfo(tokens)).rejects.toThrow();
});

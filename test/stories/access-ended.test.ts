import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import type { ErrorCode } from '../../src/kernel/errors.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  loginIdOf,
  readRefusal,
  typesPassword,
} from './moves.ts';
import { missionSteps, password, startWorld, type World } from './world.ts';

/** What an admin ends is over at once, however far a sign-in had come. */

let world: World;
let ann: User;
let people = 0;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  people += 1;
  ann = await world.addUser(`ann-${people}`);
  await world.publish({ steps: [missionSteps[0]!, { options: [{ authenticator: 'totp' }] }], scriptEnabled: false });
  await world.happened();
});

const changeAnn = (patch: object) => world.admin.patch(`/users/${ann.id}`, patch);
const deleteAnn = () => world.admin.delete(`/users/${ann.id}`);
const changeApplication = (patch: object) => world.admin.patch(`/applications/${world.registered.id}`, patch);
const changeGoogle = (patch: object) => world.admin.patch(`/connections/${world.connection.id}`, patch);

async function withdrawLiveVersion(): Promise<void> {
  const { liveVersion } = (await world.app.database.read.applications.findById(world.registered.id))!;
  await world.admin.post(
    `/applications/${world.registered.id}/sign-in-flow/versions/${liveVersion}/withdraw`,
    undefined,
  );
}

async function expectNobodySignedIn(person: Person): Promise<void> {
  expect((await askApplication(world, person)).signedIn).toBe(false);
  const { 'login.succeeded': succeeded = 0, 'factor.added': added = 0 } = await world.happened();
  expect({ succeeded, added }).toEqual({ succeeded: 0, added: 0 });
}

describe('Between two steps, a sign-in ends', () => {
  it.each<[string, () => Promise<unknown>, ErrorCode]>([
    ['the person is disabled', () => changeAnn({ disabled: true }), 'ACCOUNT_DISABLED'],
    ['the person is locked', () => changeAnn({ locked: true }), 'ACCOUNT_LOCKED'],
    ['the person is deleted', deleteAnn, 'ACCESS_DENIED'],
    ['the person gets another password', () => changeAnn({ password: 'a horse of another colour' }), 'ACCESS_DENIED'],
    ['the version is withdrawn', withdrawLiveVersion, 'VERSION_WITHDRAWN'],
    ['the application is disabled', () => changeApplication({ disabled: true }), 'CLIENT_DISABLED'],
  ])('when %s', async (_what, end, code) => {
    const person = await beginsSignIn(world);
    await typesPassword(person, ann.username);
    const id = loginIdOf(person);
    await end();
    await enrolsApp(world, person);
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ code, event: { type: 'login.failed', loginId: id } });
    await changeApplication({ disabled: false });
    await person.opens(`${world.url}/login/${id}`);
    expect(person.page().status).toBe(refusal.status);
    await expectNobodySignedIn(person);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is disabled', () => changeGoogle({ enabled: false })],
    ['is deleted', () => world.admin.delete(`/connections/${world.connection.id}?people=keep`)],
  ])('when the connection that the person came through %s, with an account or without', async (how, end) => {
    const [withAccount, without] = [await beginsSignIn(world), await beginsSignIn(world)];
    await comesThroughGoogle(withAccount);
    expect(withAccount.isAt()).toBe('Set up an authenticator app');
    await world.publish({ steps: [missionSteps[0]!, missionSteps[0]!], scriptEnabled: false });
    await comesThroughGoogle(without, 'Alan Turing');
    await end();
    await enrolsApp(world, withAccount);
    expect(await readRefusal(world, withAccount)).toMatchObject({ status: 403, code: 'CONNECTION_DISABLED' });
    await without.opens(without.page().url);
    expect(await readRefusal(world, without)).toMatchObject({ status: 403, code: 'CONNECTION_DISABLED' });
    await expectNobodySignedIn(withAccount);
    await expectNobodySignedIn(without);
    if (how === 'is disabled') await changeGoogle({ enabled: true });
  });
});

describe('A sign-in that has succeeded, and whose browser has not gone back to the application yet, ends', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['the person is disabled', () => changeAnn({ disabled: true })],
    ['the person is locked', () => changeAnn({ locked: true })],
    ['the person is deleted', deleteAnn],
    ['the person gets another password', () => changeAnn({ password: 'a horse of another colour' })],
    ['the application is disabled', () => changeApplication({ disabled: true })],
  ])('when %s', async (_what, end) => {
    await world.publish({ steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }], scriptEnabled: false });
    const person = await beginsSignIn(world);
    const { url, forms } = person.page();
    const csrf = forms[0]!.fields.find(({ name }) => name === 'csrf')!.value!;
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: await person.cookiesFor(url) },
      body: new URLSearchParams({ csrf, username: ann.username, password }),
    });
    expect(answer.status).toBe(303);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });

    await end();
    await person.opens(url);
    expect(person.page().status).toBeGreaterThanOrEqual(400);
    await changeApplication({ disabled: false });
    await person.opens(url);
    await expectNobodySignedIn(person);
  });
});

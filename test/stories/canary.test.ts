import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { password, startWorld, type World } from './world.ts';

/*
 * Every secret of whole sign-ins is a canary: after them, no log line, no byte of the database and no answer of the admin
 * API may hold one.
 */

const adminToken = 'canary-of-the-owner-0123456789abcdef';
const wrongPassword = 'canary-typed-by-mistake';
const newPassword = 'canary after the reset';

let world: World;
/** What must not be found, by what it is. */
const canaries = new Map<string, string>([
  ['password', password],
  ['wrong password', wrongPassword],
  ['new password', newPassword],
  ['admin token', adminToken],
  ['secret of the connection', 'a secret between the two of them'],
  ['secret of the application', 'the-application-s-own-secret'],
]);

beforeAll(async () => {
  world = await startWorld({
    env: { STEPGATE_ADMIN_TOKEN: adminToken },
    flow: {
      // The script logs all it can see, and what it was told in the forms.
      script: `var onLoginRequest = function (context) {
  Log.info(context.request, context.endpointParams);
  executeStep(1, { onSuccess: function (context) {
    Log.info(context.currentKnownSubject, context.request.params, context.request.cookies, context.request.headers);
    if (context.steps[1].idp == 'LOCAL') executeStep(2, { onSuccess: function (context) { Log.info(context.request.params); } });
  } });
};`,
    },
  });
  await world.addUser('ann', { email: 'ann@example.com' });
  await signInLocally();
  await signInThroughGoogle();
  await forgetPassword();
});
afterAll(() => world.close());

async function signInLocally(): Promise<void> {
  const ann = world.somebody('ann');
  await ann.opens(`${world.application.url}/sign-in`);
  await note('browser secret', ann);
  await ann.submits({ username: 'ann', password: wrongPassword });
  await ann.submits({ username: 'ann', password });
  await ann.chooses('totp');
  const mail = await world.mails.waitFor(({ to }) => to.includes('ann@example.com'), 10_000);
  const code = /\b\d{8}\b/.exec(mail.text)![0];
  canaries.set('mailed code', code);
  await ann.submits({ code });
  const key = ann
    .page()
    .codes.find((text) => /^[A-Z2-7 ]{32,}$/.test(text))!
    .replaceAll(' ', '');
  canaries.set('key of the authenticator app', key);
  await ann.submits({ code: createAuthenticatorApp(key, world.clock).nextCode() });
  expect(ann.isAt()).toBe('Signed in');
}

async function signInThroughGoogle(): Promise<void> {
  const grace = world.somebody('grace');
  await grace.opens(`${world.application.url}/sign-in`);
  await note('browser secret of grace', grace);
  await grace.chooses('Google');
  await grace.chooses('Grace Hopper');
  expect(grace.isAt()).toBe('Signed in');
}

async function forgetPassword(): Promise<void> {
  const ann = world.somebody('ann again');
  await ann.opens(`${world.url}/forgot`);
  await ann.submits({ username: 'ann' });
  const mail = await world.mails.waitFor(({ text }) => text.includes('/reset?token='), 10_000);
  const link = /http\S+\/reset\?token=\S+/.exec(mail.text)![0];
  canaries.set('reset token', new URL(link).searchParams.get('token')!);
  await ann.opens(link);
  await ann.submits({ password: newPassword, passwordAgain: newPassword });
  expect((await world.happened())['password.reset']).toBe(1);
}

/** The secret in the login's own cookie. */
async function note(what: string, person: Person): Promise<void> {
  const cookies = await person.cookiesFor(person.page().url);
  canaries.set(what, /sg_login=([^;]+)/.exec(cookies)![1]!);
}

/** All canaries that stand in a text, plain or in the usual disguises. */
function findIn(text: string): string[] {
  return [...canaries]
    .filter(([, secret]) =>
      [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        JSON.stringify(secret).slice(1, -1),
      ].some((form) => text.includes(form)),
    )
    .map(([what]) => what);
}

describe('after whole sign-ins', () => {
  it('the sweep itself finds what is there', () => {
    expect(findIn(`x ${password} y`)).toEqual(['password']);
    expect(canaries.size).toBe(11);
  });

  it('no log line holds a secret', () => {
    expect(world.log.length).toBeGreaterThan(0);
    expect(findIn(world.log.map((line) => JSON.stringify(line)).join('\n'))).toEqual([]);
  });

  it('no file of the database holds a secret', () => {
    const files = readdirSync(world.directory).filter((name) => name.startsWith('stepgate.db'));
    expect(files).toContain('stepgate.db-wal');
    for (const file of files) {
      expect([file, findIn(readFileSync(join(world.directory, file), 'latin1'))]).toEqual([file, []]);
    }
  });

  it('no answer of the admin API holds a secret, the traces with all that the script logged neither', async () => {
    const items = await world.admin.list('/logins');
    expect(items.length).toBe(2);
    const paths = ['/logins', '/users', '/connections', '/applications', '/audit-events', '/settings'];
    const answers = await Promise.all([...paths, ...items.map(({ id }) => `/logins/${id}`)].map(world.admin.getText));
    expect(answers.join('\n')).toContain('Log.info');
    expect(findIn(answers.join('\n'))).toEqual([]);
  });
});

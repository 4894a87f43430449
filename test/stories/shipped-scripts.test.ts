import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaughtMail } from '../../src/cli/demo/mail-catcher.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { day } from '../../src/kernel/clock.ts';
import type { PublishedFlow } from '../../src/login/flow.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { askApplication, asksForSignIn, beginsSignIn, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Scripts that come with the server, in sign-ins of people: what their cases take from a scenario is real here. */

let world: World;
let directory: Endpoint;
beforeAll(async () => {
  directory = await createEndpoint();
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(directory.url).hostname}` } });
});
afterAll(async () => {
  await world?.close();
  await directory?.close();
});

const read = (name: string, file: string) =>
  readFileSync(new URL(`../../scripts/${name}/${file}`, import.meta.url), 'utf8');

/** Takes a script as it ships, with its own steps or these. */
async function take(name: string, more: Partial<PublishedFlow> = {}): Promise<void> {
  const { items: _, ...flow } = JSON.parse(read(name, 'cases.json'));
  await world.publish({ ...flow, script: read(name, 'script.js'), ...more });
}

const withMailedCode = {
  steps: [
    { options: [{ authenticator: 'BasicAuthenticator' }] },
    { options: [{ authenticator: 'email-otp-authenticator' }] },
  ],
};
const newest = () => world.mails.mails()[0]?.number ?? 0;

async function typesCode(person: Person, name: string, after: number): Promise<void> {
  const readCode = (text: string) => /^\s*(\d{8})\s*$/m.exec(text)?.[1];
  const isIt = (mail: CaughtMail) => mail.number > after && mail.to.includes(`${name}@example.com`);
  const { text } = await world.mails.waitFor((mail) => isIt(mail) && readCode(mail.text) !== undefined, 5000);
  await person.submits({ code: readCode(text) ?? '' });
}

/** Signs in anew in the same browser, with the password alone so far. */
async function comesBack(person: Person, name: string): Promise<number> {
  const before = newest();
  await asksForSignIn(world, person, { prompt: 'login' });
  await typesPassword(person, name);
  return before;
}

describe('new-device', () => {
  it('tells of a new browser by mail, asks for a code there, and knows it from then on', async () => {
    await world.addUser('ann', { email: 'ann@example.com' });
    await take('new-device', withMailedCode);
    const before = newest();
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    const told = await world.mails.waitFor(({ subject }) => subject.startsWith('Sign-in from a new device'), 5000);
    expect(told.to).toEqual(['ann@example.com']);
    await typesCode(person, 'ann', before);
    expect(person.isAt()).toBe('Signed in');

    const known = await comesBack(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
    expect(newest()).toBe(known);

    // Somebody else at the same browser is new there.
    await world.addUser('ben', { email: 'ben@example.com' });
    await comesBack(person, 'ben');
    expect(person.isAt()).toBe('Check your email');
  });
});

describe('trusted-device', () => {
  it('leaves the code out where the person said so, for 30 days', async () => {
    await world.addUser('cem', { email: 'cem@example.com' });
    await take('trusted-device', withMailedCode);
    const before = newest();
    const person = await beginsSignIn(world);
    await typesPassword(person, 'cem');
    await typesCode(person, 'cem', before);
    expect(person.isAt()).toBe('Is this device yours alone?');
    await person.chooses('Yes, trust it');
    expect(person.isAt()).toBe('Signed in');
    await comesBack(person, 'cem');
    expect(person.isAt()).toBe('Signed in');
    world.clock.skip(31 * day);
    await comesBack(person, 'cem');
    expect(person.isAt()).toBe('Check your email');
  });
});

describe('terms-prompt', () => {
  it('asks once', async () => {
    await world.addUser('dan');
    await take('terms-prompt');
    const person = await beginsSignIn(world);
    await typesPassword(person, 'dan');
    expect(person.page().text).toContain('Please read version 7');
    await person.chooses('I accept');
    expect(person.isAt()).toBe('Signed in');
    await comesBack(person, 'dan');
    expect(person.isAt()).toBe('Signed in');
  });

  it('lets nobody in who declines', async () => {
    await world.addUser('eve');
    await take('terms-prompt');
    const person = await beginsSignIn(world);
    await typesPassword(person, 'eve');
    await person.chooses('I do not accept');
    expect(await askApplication(world, person)).toMatchObject({ signedIn: false, failure: { error: 'access_denied' } });
  });
});

describe('password-migration', () => {
  it('takes a password over at the second try, and asks nobody else after that', async () => {
    await world.addUser('fay');
    directory.answers(({ body }, response) => {
      const valid = JSON.parse(body).password === 'of the old directory';
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ valid }));
    });
    const script = read('password-migration', 'script.js').replace('https://directory.example.com', directory.url);
    await take('password-migration', { script });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'fay', 'mistyped altogether');
    await typesPassword(person, 'fay', 'of the old directory');
    expect(person.isAt()).toBe('Signed in');
    expect(directory.asked).toHaveLength(2);
    await asksForSignIn(world, person, { prompt: 'login' });
    await typesPassword(person, 'fay', 'of the old directory');
    expect(person.isAt()).toBe('Signed in');
    expect(directory.asked).toHaveLength(2);
    const [fay] = (await world.users()).filter(({ username }) => username === 'fay');
    expect(fay?.attributes).toMatchObject([{ uri: expect.stringMatching(/passwordMigrated$/), value: 'true' }]);
  });
});

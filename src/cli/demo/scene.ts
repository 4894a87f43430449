import { inspect, isDeepStrictEqual } from 'node:util';
import type { AdminApi } from '../admin-api.ts';
import { type AuthenticatorApp, createAuthenticatorApp } from './authenticator-app.ts';
import type { MailCatcher } from './mail-catcher.ts';
import { createPerson, type Person } from './person.ts';
import { connectionName, type LocalPerson, type SeededScenario } from './scenario.ts';

/** All that a scene plays on. */
export interface Stage {
  applicationUrl: string;
  api: AdminApi;
  mails: MailCatcher;
  scenario: SeededScenario;
  password: string;
  clock: { now(): number };
  /** The authenticator apps of people, by user name; filled as they enrol. */
  apps: Map<string, AuthenticatorApp>;
  /** Takes the report, line by line. */
  say(line: string): void;
}

export interface Scene {
  name: string;
  /** Gives what was seen, in one line; throws the first difference. */
  play(stage: Stage): Promise<string>;
}

/** What the application says about who is signed in (`/me.json`). */
export interface Me {
  signedIn: boolean;
  claims: Record<string, unknown>;
  userinfo: Record<string, unknown>;
}

/** An error unless the two are equal in depth. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  const show = (value: unknown) => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
  throw new Error(`${what}: expected ${show(expected)}, found ${show(found)}.`);
}

/** A person with a new browser at the server's first page, sent there by the application. */
export async function beginSignIn(stage: Stage, name: string): Promise<Person> {
  const person = createPerson({
    name,
    onHop: ({ method, url, sent, status, outcome }) => {
      stage.say(
        `    ${method.padEnd(4)} ${url}${sent.length === 0 ? '' : ` {${sent.join(', ')}}`} ${status} ${outcome}`,
      );
    },
  });
  await person.opens(stage.applicationUrl);
  await person.follows('Sign in');
  return person;
}

/** From the server's first page through the identity provider and back. */
export async function passIdentityProvider(person: Person, chosen: string): Promise<void> {
  await person.chooses(connectionName);
  expectSame('At the identity provider', person.isAt(), 'Choose an account');
  await person.chooses(chosen);
}

/** Passes the second step with the authenticator app; a person without one sets it up. */
export async function confirmByApp(stage: Stage, person: Person, account: LocalPerson): Promise<void> {
  const mailsBefore = stage.mails.mails()[0]?.number ?? 0;
  if (person.canChoose(/^totp$|^authenticator app/i)) await person.chooses(/^totp$|^authenticator app/i);
  // Setting up a factor is no way round another that the account has: its mailed code comes first.
  if (isAtMailedCode(person)) await typeMailedCode(stage, person, account, mailsBefore);
  const key = person.page().codes.find((code) => /^[A-Z2-7]{16,}$/.test(code.replace(/\s/g, '')));
  if (key !== undefined) stage.apps.set(account.username, createAuthenticatorApp(key, stage.clock));
  const app = stage.apps.get(account.username);
  if (app === undefined)
    throw new Error(`«${person.isAt()}» shows no key, and ${account.username} has no authenticator app.`);
  await person.submits({ code: app.nextCode() });
}

/** Passes the second step with a mailed code. */
export async function confirmByMail(stage: Stage, person: Person, account: LocalPerson): Promise<void> {
  const mailsBefore = stage.mails.mails()[0]?.number ?? 0;
  if (person.canChoose(/mail/i)) await person.chooses(/mail/i);
  await typeMailedCode(stage, person, account, mailsBefore);
}

/** What the application knows of this person, who must be signed in there. */
export async function readSignedIn(stage: Stage, person: Person): Promise<Me> {
  expectSame(`${person.name} stands at`, person.isAt(), 'Signed in');
  return readMe(stage, person);
}

export async function readMe(stage: Stage, person: Person): Promise<Me> {
  return (await person.reads(`${stage.applicationUrl}/me.json`)).body as Me;
}

/** How many pages of this person asked for a code. */
export function countCodesSent(person: Person): number {
  return person.hops().filter(({ sent }) => sent.includes('code')).length;
}

function isAtMailedCode(person: Person): boolean {
  return /mail/i.test(person.isAt());
}

async function typeMailedCode(stage: Stage, person: Person, account: LocalPerson, after: number): Promise<void> {
  const mail = await stage.mails.waitFor(
    ({ number, to, text }) => number > after && to.includes(account.email) && mailedCode.test(text),
    10_000,
  );
  stage.say(`    mail to ${account.email}: «${mail.subject}»`);
  await person.submits({ code: mailedCode.exec(mail.text)?.[0] ?? '' });
}

const mailedCode = /\b\d{8}\b/;

import { type AuthenticatorApp, createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { type DemoPerson, graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { Page } from '../../src/cli/demo/read-page.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import { createJournals } from '../../src/login/journal.ts';
import { password, type World } from './world.ts';

/** What people do in the stories, and what can be seen of it from outside. */

/** A new browser on the server's first page, sent there by the application. */
export async function beginsSignIn(world: World, parameters: Record<string, string> = {}): Promise<Person> {
  const person = world.somebody();
  await asksForSignIn(world, person, parameters);
  return person;
}

/** By one of the server's applications. */
export function asksForSignIn(
  { application }: Pick<World, 'application'>,
  person: Person,
  parameters: Record<string, string> = {},
): Promise<Page> {
  return person.opens(`${application.url}/sign-in?${new URLSearchParams(parameters)}`);
}

export function typesPassword(person: Person, username: string, typed = password): Promise<Page> {
  return person.submits({ username, password: typed });
}

/** From the server's page to the provider's, and back as this person. */
export async function comesThroughGoogle(person: Person, name = 'Grace Hopper'): Promise<Page> {
  await person.chooses('Google');
  return person.chooses(name);
}

/** The URL that the provider, whose page the person is at, sends the browser back to; kept from the browser. */
export async function takeAnswer(world: World, person: Person, { sub }: DemoPerson = graceHopper): Promise<string> {
  let url = person.page().url;
  let body: URLSearchParams | null = new URLSearchParams({ person: sub });
  while (!url.startsWith(world.url)) {
    const response: Response = await fetch(url, {
      method: body === null ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: await person.cookiesFor(url) },
      ...(body === null ? {} : { body }),
    });
    const location = response.headers.get('location');
    if (location === null) throw new Error(`The provider answered ${response.status}.`);
    url = new URL(location, url).href;
    body = null;
  }
  return url;
}

/** A new browser at the provider's page, and the URL that it will be sent back to. */
export async function waitsAtGoogle(world: World, who?: DemoPerson): Promise<{ person: Person; answer: URL }> {
  const person = await beginsSignIn(world);
  await person.chooses('Google');
  return { person, answer: new URL(await takeAnswer(world, person, who)) };
}

/** Sets up the authenticator app whose key the page shows. */
export async function enrolsApp(world: World, person: Person): Promise<AuthenticatorApp> {
  const app = createAuthenticatorApp(shownKey(person), world.clock);
  await person.submits({ code: app.nextCode() });
  return app;
}

export function shownKey(person: Person): string {
  const key = person.page().codes.find((code) => /^[A-Z2-7 ]{20,}$/.test(code));
  if (key === undefined) throw new Error(`«${person.isAt()}» shows no key.`);
  return key;
}

/** The newest mailed code for this address, after the mail with this number. */
export async function mailedCode(world: World, to: string, after = 0): Promise<string> {
  const mail = await world.mails.waitFor((one) => one.number > after && one.to.includes(to), 5000);
  const code = /^\s*(\d{6,8})\s*$/m.exec(mail.text)?.[1];
  if (code === undefined) throw new Error(`The mail «${mail.subject}» has no code.`);
  return code;
}

export interface Me {
  signedIn: boolean;
  claims: Record<string, unknown>;
  userinfo: Record<string, unknown>;
  failure?: { error: string; error_description: string } | null;
}

/** What the application was told; `signedIn` is false when it was told nothing. */
export async function askApplication({ application }: Pick<World, 'application'>, person: Person): Promise<Me> {
  return (await person.reads(`${application.url}/me.json`)).body as Me;
}

/** The login that the person's page belongs to. */
export function loginIdOf(person: Person): LoginId {
  const id = /\/login\/(login_[^/?]+)/.exec(person.page().url)?.[1];
  if (id === undefined) throw new Error(`${person.page().url} is no page of a login.`);
  return id as LoginId;
}

/** The lines that a login's script logged, as `level line: text`. */
export async function readScriptLog(world: World, id: LoginId): Promise<string[]> {
  const lines = await createJournals({ box: world.box }).readLogs(world.app.database.read.logins, id);
  return lines.map(({ level, line, text }) => `${level} ${line}: ${text}`);
}

/** All that is kept of a login, in the clear, and the server’s log. */
export async function readAllKept({ app, box, log }: World, id: LoginId): Promise<string> {
  const { logins } = app.database.read;
  const journals = createJournals({ box });
  return JSON.stringify([await journals.read(logins, id), await journals.readLogs(logins, id), log]);
}

/** What an error page tells: code, reference, and the event that the reference leads to. */
export async function readRefusal(world: World, person: Person) {
  const { status, codes, text } = person.page();
  const reference = codes.find((each) => /^[A-Z0-9]{4,}(-[A-Z0-9]+)*$/.test(each)) ?? null;
  const events =
    reference === null ? [] : await world.app.database.read.audit.list({ after: null, limit: 5, reference });
  return { status, code: codes.at(-1), reference, text, event: events[0] ?? null };
}

/** The steps that came to an outcome in a login, in their order. */
export async function listSteps(world: World, id: LoginId): Promise<number[]> {
  const journal = await createJournals({ box: world.box }).read(world.app.database.read.logins, id);
  return journal.filter(({ op }) => op === 'step').map(({ args }) => Number(JSON.parse(args)[0]));
}

import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { DemoPerson } from '../../src/cli/demo/people.ts';
import { createPerson, type Person } from '../../src/cli/demo/person.ts';
import type { JitSettings, LinkingSettings } from '../../src/connections/connection.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import { makeUser, openServerData } from '../stories/seed.ts';
import { type CrashWorld, createCrashWorld, password } from './world.ts';

/*
 * The server is killed before the first commit of the request that makes, updates or links an account, then before the
 * second, and so on until a request comes through; each time somebody else arrives. Kills between these find the same on disk
 * (moments.test.ts looks there at each write). The sign-in goes on, and in the end there is one account with one association.
 */

let world: CrashWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const plain = 'function onLoginRequest(context) { executeStep(1); }';
/** Far more kills than a request has commits: the walk ends when the server has outlived one. */
const mostKills = 12;

/** What the database holds of one person. */
interface Kept {
  accounts: number;
  links: number;
  /** Their given name as the account has it. */
  named: string | null;
  /** Those about the account. */
  events: Record<string, number>;
}

const nothing: Kept = { accounts: 0, links: 0, named: null, events: {} };
const made = { 'user.created': 1, 'association.created': 1 };

interface Case {
  jit?: Partial<JitSettings>;
  linking?: Partial<LinkingSettings>;
  /** Does the person have an account here already, unlinked? */
  localAccount?: boolean;
  /** Have they been here before, and been given another name since? */
  renamed?: boolean;
  /** The page on which the request is sent, and what the person does there; at the provider where there is none. */
  page?: string;
  answer?(person: Person): Promise<unknown>;
  before: Kept;
  after: Kept;
}

const cases: Record<string, Case> = {
  'makes an account as the person agrees': {
    jit: { scheme: 'PROMPT_CONSENT' },
    page: 'Create your account',
    answer: (person) => person.chooses('create'),
    before: nothing,
    after: { accounts: 1, links: 1, named: 'Person', events: made },
  },
  'brings an account up to date': {
    renamed: true,
    before: { accounts: 1, links: 1, named: 'Person', events: made },
    after: { accounts: 1, links: 1, named: 'Renamed', events: { ...made, 'user.updated': 1 } },
  },
  'links an account that was proven': {
    linking: { enabled: true, proof: 'CONFIRM_WITH_PASSWORD' },
    localAccount: true,
    page: 'Is this your account?',
    answer: (person) => person.submits({ password }),
    before: { accounts: 1, links: 0, named: null, events: {} },
    after: { accounts: 1, links: 1, named: 'Person', events: { 'user.updated': 1, 'association.created': 1 } },
  },
};

test.each(Object.entries(cases))(
  'killed between any two commits, the request that %s does all of it once',
  async (_, one) => {
    world = await startWorld(one);
    const { server, directory, addPerson } = world;
    for (let nth = 1; nth <= mostKills; nth++) {
      const somebody = addPerson(`new-${nth}`);
      const { sub } = somebody;
      if (one.renamed) {
        await signIn(world, somebody);
        somebody.given_name = 'Renamed';
      }
      const { url, pending } = await world.application.begin();
      const person = createPerson({ onNoAnswer: world.untilReady });
      await person.opens(url);
      await person.chooses('Google');
      if (one.page) await person.chooses(somebody.name);
      expect(readKept(directory, sub)).toEqual(one.before);

      server.arm({ when: 'before', statement: '^commit', nth });
      const over = Promise.withResolvers<null>();
      const deaths: { answered: boolean; kept: Kept }[] = [];
      let answered = false;
      const restarted = Promise.race([server.ended(), over.promise]).then(async (end) => {
        if (end === null) return;
        deaths.push({ answered, kept: readKept(directory, sub) });
        expect(await server.start()).toBe('ready');
      });
      await (one.answer ?? ((at: Person) => at.chooses(somebody.name)))(person);
      // What was not taken is shown again, and somebody whose answer the provider will not give twice is sent there again.
      if (one.page && person.isAt() === one.page) await one.answer?.(person);
      if (!one.page && person.canChoose('Google')) {
        await person.chooses('Google');
        await person.chooses(somebody.name);
      }
      answered = true;
      expect({ nth, url: person.page().url.split('?')[0] }).toEqual({ nth, url: world.application.callbackUrl });
      // Where the request had fewer commits, what follows may still die of its own.
      expect(await world.application.redeem(person.page().url, pending)).not.toBeNull();
      over.resolve(null);
      await restarted;

      for (const { kept } of deaths) expect([one.before, one.after]).toContainEqual(kept);
      expect({ nth, ...readKept(directory, sub) }).toEqual({ nth, ...one.after });
      if (deaths[0]?.answered === false) continue;
      expect(nth).toBeGreaterThan(2);
      return;
    }
    throw new Error('The request commits without end.');
  },
  600_000,
);

async function startWorld({ jit = {}, linking = {}, localAccount = false }: Case): Promise<CrashWorld> {
  const around = await createCrashWorld({ localPeople: 0, script: plain });
  const { database } = await openServerData(around.directory);
  const hash = await createPasswords().hash(password);
  await database.unit(async ({ connections, users }) => {
    const google = (await connections.findById(around.google.id))!;
    const settings = { ...google.jit, ...jit, linking: { ...google.jit.linking, ...linking } };
    await connections.update({ ...google, jit: settings });
    for (let n = 1; localAccount && n <= mostKills; n++) {
      const user = makeUser(`local-${n}`, { email: `new-${n}@example.com`, verified: [] });
      await users.insert(user);
      await users.setPasswordHash(user.id, hash);
    }
  });
  await database.close();
  expect(await around.server.start()).toBe('ready');
  return around;
}

async function signIn({ application, untilReady }: CrashWorld, { name }: DemoPerson): Promise<void> {
  const { url, pending } = await application.begin();
  const person = createPerson({ onNoAnswer: untilReady });
  await person.opens(url);
  await person.chooses('Google');
  await person.chooses(name);
  expect(await application.redeem(person.page().url, pending)).not.toBeNull();
}

function readKept(directory: string, sub: string): Kept {
  const database = new SQLite(join(directory, 'stepgate.db'), { readonly: true });
  try {
    const accounts = database
      .prepare('SELECT id, attributes FROM users WHERE attributes LIKE ?')
      .all(`%"${sub}@example.com"%`);
    const links = database.prepare('SELECT user_id FROM associations WHERE subject = ?').all(sub);
    const [account] = accounts as { id: string; attributes: string }[];
    const rows = database
      .prepare(
        "SELECT type, count(*) AS n FROM audit_events WHERE target = ? AND type NOT LIKE 'login.%' GROUP BY type",
      )
      .all(account?.id ?? '') as { type: string; n: number }[];
    const events = rows.filter(({ type }) => /^(user|association)\./.test(type)).map(({ type, n }) => [type, n]);
    const attributes = JSON.parse(account?.attributes ?? '[]') as { uri: string; value: string }[];
    const named = attributes.find(({ uri }) => uri.endsWith('/givenname'))?.value ?? null;
    return { accounts: accounts.length, links: links.length, named, events: Object.fromEntries(events) };
  } finally {
    database.close();
  }
}

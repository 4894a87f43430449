import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuthenticatorApp, createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import type { DemoPerson } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import type { PublishedFlow } from '../../src/login/flow.ts';
import { createJournals } from '../../src/login/journal.ts';
import { scripts as generated } from '../lab/explore/programs.ts';
import { tellJournal, tellPath } from '../lab/explore/tell-paths.ts';
import { createLab } from '../lab/explore/world.ts';
import { beginsSignIn, loginIdOf, mailedCode } from './moves.ts';
import { missionSteps, password, startWorld, type World } from './world.ts';

/**
 * Where exploring finds every path of a script, each real sign-in goes one of them: people come through the pages, and do
 * on each what chance (with a fixed seed) says.
 */

const people: DemoPerson[] = Array.from({ length: 40 }, (_, i) => ({
  sub: `google-${i}`,
  email: `g${i}@example.com`,
  email_verified: true,
  given_name: `G${i}`,
  family_name: 'Person',
  name: `G${i} Person`,
  groups: i % 2 === 0 ? ['research'] : [],
}));

let world: World;
const { pool, explore } = createLab();
beforeAll(async () => {
  world = await startWorld({ people, env: { STEPGATE_EGRESS_HOSTS: '127.0.0.1' } });
});
afterAll(async () => {
  await world?.close();
  await pool.close();
});

/** A number from 0 to 1, as chance has it (xorshift32). */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Chance = ReturnType<typeof createChance>;
const oneOf = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)]!;
const mostPages = 30;
let newcomers = 0;
let compared = 0;

/** Signs in as chance has it. @returns the login; null when it came to no end. */
async function signsInSomehow(chance: Chance, from: readonly DemoPerson[], elsewhere: number): Promise<LoginId | null> {
  const name = `person-${newcomers}`;
  const fromGoogle = from[newcomers++ % from.length]!;
  const roles = chance() < 0.5 ? [{ name: 'admin', origin: 'admin' as const }] : [];
  const groups = chance() < 0.5 ? [{ name: 'board', origin: 'admin' as const }] : [];
  await world.addUser(name, { email: `${name}@example.com`, roles, groups });
  const person = await beginsSignIn(world, chance() < 0.3 ? { acr_values: oneOf(chance, ['gold', 'silver']) } : {});
  const id = loginIdOf(person);
  const apps = new Map<string, AuthenticatorApp>();
  const before = world.mails.mails()[0]?.number ?? 0;
  for (let pages = 0; pages < mostPages; pages++) {
    const page = person.page();
    if (page.url.startsWith(world.application.url) || page.forms.length === 0) return id;
    if (page.url.startsWith(world.identityProvider.url)) {
      await person.chooses(chance() < 0.8 ? fromGoogle.name : /Don.t sign in/);
    } else {
      await doesSomething(person, chance, { name, fromGoogle, elsewhere, apps, before });
    }
  }
  return null;
}

async function doesSomething(
  person: Person,
  chance: Chance,
  {
    name,
    fromGoogle,
    elsewhere,
    apps,
    before,
  }: { name: string; fromGoogle: DemoPerson; elsewhere: number; apps: Map<string, AuthenticatorApp>; before: number },
): Promise<void> {
  const { forms, codes, text } = person.page();
  const fields = forms.flatMap((form) => form.fields.map((field) => field.name));
  const buttons = forms.flatMap((form) => form.buttons);
  const options = buttons.filter((button) => button.name === 'option');
  const isRight = chance() < 0.7;
  if (chance() < 0.1 && buttons.some(({ value }) => value === 'cancel')) {
    await person.submits({}, { button: { name: 'action', value: 'cancel' } });
  } else if (options.length > 0 && (!fields.includes('password') || chance() < elsewhere)) {
    await person.chooses(oneOf(chance, options).value);
  } else if (fields.includes('password')) {
    const typed = { password: isRight ? password : 'wrong' };
    await person.submits(fields.includes('username') ? { username: name, ...typed } : typed);
  } else if (fields.includes('code')) {
    await person.submits({ code: isRight ? await findCode() : '00000000' });
  } else {
    // «Not you?» begins another sign-in, which is no matter of the script.
    const actions = buttons.filter(({ value }) => value !== 'cancel' && value !== 'restart');
    const { name: button, value } = oneOf(chance, actions);
    await person.submits({}, { button: { name: button, value } });
  }

  async function findCode(): Promise<string> {
    const address = text.includes(`Signing in as ${name} `) ? `${name}@example.com` : fromGoogle.email;
    if (text.includes('Check your email')) return mailedCode(world, address, before);
    const key = codes.find((code) => /^[A-Z2-7 ]{20,}$/.test(code));
    if (key !== undefined) apps.set(address, createAuthenticatorApp(key, world.clock));
    return apps.get(address)?.nextCode() ?? '000000';
  }
}

async function tellSignIn(id: LoginId): Promise<string> {
  const { logins } = world.app.database.read;
  const login = await logins.findById(id);
  const broke = login?.status === 'failed' && (await world.lastEvent('login.failed')).code?.startsWith('SCRIPT_');
  const result = login?.status === 'succeeded' ? 'success' : broke ? 'error' : 'failure';
  return tellJournal(await createJournals({ box: world.box }).read(logins, id), result).join('\n');
}

/** @returns how many sign-ins came to an end; none where not all paths could be tried */
async function goesOneOfThePaths(
  flow: Pick<PublishedFlow, 'steps' | 'script'> & Partial<PublishedFlow>,
  seed: number,
  {
    rounds = 4,
    from = people,
    elsewhere = 0.5,
  }: {
    rounds?: number;
    from?: readonly DemoPerson[];
    /** How likely somebody comes by a provider rather than with a password. */
    elsewhere?: number;
  } = {},
) {
  const { steps, script, promptTemplates = [] } = flow;
  const connections = [world.connection];
  const found = await explore(script ?? '', { steps, promptTemplates, connections, bounds: { paths: 1000 } });
  // A server outside may answer anything; no script here looks at the answer.
  if (found.cut.length > 0 || found.open.some(({ what }) => what !== 'httpGet')) return null;
  const paths = new Set(found.paths.map((path) => tellPath(path).join('\n')));
  await world.publish(flow);
  const chance = createChance(seed);
  const ended: string[] = [];
  for (let i = 0; i < rounds; i++) {
    const id = await signsInSomehow(chance, from, elsewhere);
    if (id === null) continue;
    const told = await tellSignIn(id);
    expect([...paths], `${script}\n\n${told}`).toContain(told);
    ended.push(told);
  }
  return ended;
}

const folder = new URL('../../scripts/', import.meta.url);
const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8');
const shipped = readdirSync(folder).filter((name) => JSON.parse(read(name, 'properties.json')).complete);

describe('every real sign-in goes one of the paths', () => {
  it('of a script that looks at what provisioning did, for people who are new, known and refused', async () => {
    // The name that the second of them would have is somebody else's.
    await world.addUser(people[3]!.email);
    const script = `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
      var tell = function (context) { hasRole(context.currentKnownSubject, context.steps[1].provisioning.result); };
      if (context.steps[1].idp === 'LOCAL') return;
      tell(context);
      executeStep(2, { onSuccess: tell, onFail: function (context) { tell(context); fail(); } });
    } }); }`;
    const ended = await goesOneOfThePaths({ steps: missionSteps, script }, 12, {
      rounds: 14,
      from: people.slice(2, 5),
    });
    const results = new Set(ended?.flatMap((told) => told.match(/(?<=hasRole\[user,")\w+/g) ?? []));
    expect([...results].toSorted()).toEqual(['created', 'failed', 'pending', 'unchanged']);
  });

  it('of one that lets people in who are refused an account at the end', async () => {
    const script = `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
      hasRole(context.currentKnownSubject, 'admin');
    } }); }`;
    const ended = await goesOneOfThePaths({ steps: missionSteps, script }, 3, {
      rounds: 6,
      from: [people[3]!],
      elsewhere: 1,
    });
    const refused = ended?.filter((told) => told.includes('step 1: Google') && told.endsWith('failure'));
    expect(refused?.length).toBeGreaterThan(0);
  });

  it.each(shipped)('of %s', async (name) => {
    const { items: _, ...flow } = JSON.parse(read(name, 'cases.json'));
    const ended = await goesOneOfThePaths({ ...flow, script: read(name, 'script.js') }, 7);
    expect(ended?.length).toBeGreaterThan(0);
  });

  it.each(fc.sample(generated, { numRuns: 12, seed: 5 }).map((script, i) => [i + 1, script] as const))(
    'of generated script %i',
    async (number, script) => {
      const ended = await goesOneOfThePaths({ steps: missionSteps, script }, number);
      compared += ended?.length ?? 0;
    },
  );

  it('has been looked at often enough', () => {
    expect(compared).toBeGreaterThan(20);
  });
});

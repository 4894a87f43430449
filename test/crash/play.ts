import { setTimeout as wait } from 'node:timers/promises';
import type { Tokens } from './application.ts';
import { findFaults } from './check.ts';
import type { Evidence, SignIn } from './evidence.ts';
import { makeSigner, type Signer, signIn } from './sign-in.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

export interface Played {
  kills: number;
  faults: string[];
  evidence: Evidence;
  /** Which statements the server died at, where it was told to die at one. */
  diedAt: Map<string, number>;
  /** Mails that came, and how many of them were copies of one that had come. */
  mails: { came: number; twice: number };
}

/** Lets people sign in, several of each kind at once, kills the server again and again, and looks at all it was told to keep. */
export async function play({
  kills,
  seed,
  say = () => {},
}: {
  kills: number;
  seed: number;
  say?: (line: string) => void;
}): Promise<Played> {
  const chance = createChance(seed);
  const world = await createCrashWorld({ localPeople: 60 + kills * 12 });
  const diedAt = new Map<string, number>();
  try {
    await expectReady(world);
    let stopping = false;
    const people = beginSigningIn(world, () => stopping);
    const faults: string[] = [];
    for (let kill = 1; kill <= kills && faults.length === 0; kill++) {
      const how = await killSomehow(world, chance, diedAt);
      await expectReady(world);
      faults.push(...findFaults(world, { final: false }));
      const { signIns, enrolled } = world.evidence;
      say(
        `kill ${kill}/${kills} ${how}: ${signIns.length} sign-ins, ${enrolled.size} apps; ${faults.length === 0 ? 'all kept' : faults.join('; ')}`,
      );
    }
    stopping = true;
    await people;
    faults.push(...findFaults(world, { final: true }), ...(await findRefusals(world)));
    const codes = world.mails.mails().map(({ to, text }) => `${to} ${/\d{8}/.exec(text)?.[0]}`);
    const mails = { came: codes.length, twice: codes.length - new Set(codes).size };
    return { kills, faults: [...new Set(faults)], evidence: world.evidence, diedAt, mails };
  } finally {
    await world.close();
  }
}

/** Half of the kills come by the clock, half at a statement of SQL: before it, or after it. */
async function killSomehow(world: CrashWorld, chance: () => number, diedAt: Map<string, number>): Promise<string> {
  const { server } = world;
  if (chance() < 0.1) {
    // While it starts: what is half started must start again.
    await server.kill();
    const starting = server.start();
    await wait(chance() * 700);
    await server.kill();
    await starting;
    return 'while starting';
  }
  const byClock = chance() < 0.5;
  const ms = Math.round(50 + chance() * 1200);
  if (byClock) {
    await wait(ms);
    await server.kill();
    return `after ${ms} ms`;
  }
  const when = chance() < 0.5 ? 'before' : 'after';
  const nth = 1 + Math.floor(chance() * 150);
  await wait(50);
  server.arm({ when, statement: '^(insert|update|delete|commit|savepoint|release)', nth });
  await Promise.race([server.ended(), wait(2000)]);
  await server.kill();
  const place = /fail-point: (.*)$/.exec(server.lastLines(1))?.[1] ?? 'nowhere';
  const [, , verb = '', table = ''] = /^(\w+ (\w+)(?: (?:into |from )?"?(\w+))?)/i.exec(place) ?? [];
  const statement = `${when} ${verb.toUpperCase()}${table === '' ? '' : ` ${table}`}`;
  diedAt.set(statement, (diedAt.get(statement) ?? 0) + 1);
  return `${statement} (statement ${nth})`;
}

async function expectReady({ server }: CrashWorld): Promise<void> {
  await server.kill();
  if ((await server.start()) !== 'ready') throw new Error(`The server did not start again:\n${server.lastLines(15)}`);
}

/** Two of each kind at a time, each with the next person when one is done. */
function beginSigningIn(world: CrashWorld, isOver: () => boolean): Promise<unknown> {
  const appUsers = [...world.appUsers];
  const mailUsers = [...world.mailUsers];
  let newcomers = 0;
  const courses: (() => AsyncGenerator<Signer> | Generator<Signer>)[] = [];
  for (const lane of [1, 2]) {
    courses.push(
      function* app() {
        for (let who = appUsers.pop(); who !== undefined; who = appUsers.pop()) {
          const signer = makeSigner('totp', { who });
          yield signer;
          yield signer;
        }
      },
      function* mail() {
        for (let who = mailUsers.pop(), n = 0; who !== undefined; who = mailUsers.pop(), n++) {
          yield makeSigner('mail', { who, asksAgain: n % 3 === 0 });
        }
      },
      function* newcomer() {
        for (;;) {
          newcomers += 1;
          const { sub } = world.addPerson(`new-${newcomers}`);
          yield makeSigner('new', { who: sub, connection: 'Google' });
        }
      },
      function* known() {
        const { sub } = world.addPerson(`known-${lane}`);
        for (;;) yield makeSigner('known', { who: sub, connection: 'Google' });
      },
      function* withoutAccount() {
        const { sub } = world.addPerson(`guest-${lane}`);
        for (;;) yield makeSigner('without account', { who: sub, connection: 'Partner' });
      },
    );
  }
  return Promise.all(
    courses.map(async (course) => {
      for await (const signer of course()) {
        if (isOver()) return;
        await signIn(world, signer);
      }
    }),
  );
}

/** The server lives: what applications hold must work, codes must not work again, and people keep their `sub`. */
async function findRefusals({ application, evidence }: CrashWorld): Promise<string[]> {
  const faults: string[] = [];
  const subjects = new Map<string, unknown>();
  const check = async ({ who, tokens }: SignIn) => {
    const { sub } = tokens.claims;
    if (subjects.has(who) && subjects.get(who) !== sub) faults.push(`${who} has two subs`);
    subjects.set(who, sub);
    const userinfo = await application.askUserinfo(tokens);
    if (userinfo?.['sub'] !== sub) faults.push(`userinfo refuses the access token of ${who}`);
    const fresh: Tokens | null = await application.refresh(tokens);
    if (fresh === null) faults.push(`the refresh token of ${who} is refused`);
  };
  for (const signIn of evidence.signIns) await check(signIn);
  return faults;
}

/** Random numbers from 0 to 1 that a seed decides (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

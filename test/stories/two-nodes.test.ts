import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { createKillableServer, type KillableServer } from '../crash/killable-server.ts';
import { createSamlProvider } from '../federation/saml-provider.ts';
import { connectBySoap, listOwed, namesTold, owe } from '../single-logout/owe.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  loginIdOf,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { startWorld, type World } from './world.ts';

/*
 * One sign-in on two nodes: two server processes (this one, and one of its own) on one database file, behind a balancer
 * that gives each request to the one that did not have the last. Only what is on disk is known to both.
 */

let world: World;
let balancer: Balancer;
let second: KillableServer;

type Node = 0 | 1;

interface Balancer {
  /** `in turn`: each request goes to the node that did not have the last. */
  sendsTo(node: Node | 'in turn'): void;
  /** How many requests each node had since the last call. */
  counts(): [number, number];
  close(): void;
}

/** Listens at the public address. */
async function createBalancer(publicUrl: string, ports: readonly [number, number]): Promise<Balancer> {
  let counts: [number, number] = [0, 0];
  let chosen: Node | 'in turn' = 'in turn';
  let last: Node = 0;
  const server: Server = createServer((incoming, outgoing) => {
    last = chosen === 'in turn' ? (last === 0 ? 1 : 0) : chosen;
    counts[last]++;
    const { method, url: path, headers } = incoming;
    const forwarded = request({ host: 'localhost', port: ports[last], method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(forwarded);
  });
  server.listen(Number(new URL(publicUrl).port), 'localhost');
  await once(server, 'listening');
  return {
    sendsTo(node) {
      chosen = node;
    },
    counts() {
      const since = counts;
      counts = [0, 0];
      return since;
    },
    close: () => void server.close(),
  };
}

beforeAll(async () => {
  const ports = [await findFreePort({ host: 'localhost' }), await findFreePort({ host: 'localhost' })] as const;
  world = await startWorld({ env: { PORT: String(ports[0]) } });
  balancer = await createBalancer(world.url, ports);
  second = createKillableServer(
    {
      HOST: 'localhost',
      PORT: String(ports[1]),
      PUBLIC_URL: world.url,
      STEPGATE_DATA: world.directory,
      SMTP_URL: world.mails.smtpUrl,
      MAIL_FROM: 'Stepgate <stepgate@example.com>',
      STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
    },
    join(world.directory, 'second.log'),
  );
  await startsSecond();
});
afterAll(async () => {
  await second?.kill();
  balancer?.close();
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
  balancer.counts();
});

/** It is asked whether it is ready at the public address. */
async function startsSecond(): Promise<void> {
  balancer.sendsTo(1);
  expect(await second.start()).toBe('ready');
  balancer.sendsTo('in turn');
}

function expectBothServed(): void {
  const [one, other] = balancer.counts();
  expect(Math.min(one, other)).toBeGreaterThan(2);
  expect(Math.abs(one - other)).toBeLessThanOrEqual(1);
}

const script = `
var turns = 0;
global = 'undeclared';
const visits = new Map();
class Counter { #n = 0; next() { return ++this.#n; } }
const counter = new Counter();
const chance = Math.random();
const began = new Date();
const ring = { began }; ring.self = ring;
function onLoginRequest(context) {
  let tries = 0;
  executeStep(1, { onFail: again, onSuccess: passed });
  function again() { tries += 1; note('again ' + tries); executeStep(1, { onFail: again, onSuccess: passed }); }
  function passed(context) {
    const person = context.currentKnownSubject;
    visits.set(person, tries);
    note('passed after ' + tries);
    executeStep(2, { onSuccess: (context) => {
      note('done');
      Log.info(visits.get(context.currentKnownSubject), ring.self === ring, ring.began === began, chance);
      context.currentKnownSubject.claims.tries = tries;
    } });
  }
}
function note(what) { turns += 1; Log.info(what, turns, counter.next(), global); global = 'undeclared ' + turns; }`;

it('closures, classes, dates, maps, cycles, people and undeclared variables are the same on whichever node a turn is played', async () => {
  const ann = await world.addUser('ann');
  await world.publish({ script });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, 'ann', 'wrong');
  await typesPassword(person, 'ann', 'wrong again');
  await typesPassword(person, 'ann');
  await person.chooses('totp');
  await enrolsApp(world, person);

  expect(person.isAt()).toBe('Signed in');
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id, amr: ['pwd', 'otp'], tries: 2 });
  const log = (await readScriptLog(world, id)).map((line) => line.replace(/^info \d+: /, ''));
  expect(log).toEqual([
    'again 1 1 1 undeclared',
    'again 2 2 2 undeclared 1',
    'passed after 2 3 3 undeclared 2',
    'done 4 4 undeclared 3',
    expect.stringMatching(/^2 true true 0\.\d+$/),
  ]);
  expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });
  expectBothServed();
});

it('somebody comes back from the provider to the other node, and is made one account', async () => {
  await world.publish({
    script: `const key = {}, seen = new WeakMap([[key, Math.random()]]); Log.info(seen.get(key));
      function onLoginRequest() { executeStep(1, { onSuccess: () => Log.info(seen.get(key)) }); }`,
  });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await comesThroughGoogle(person);
  expect(person.isAt()).toBe('Signed in');
  const [before, after] = (await readScriptLog(world, id)).map((line) => line.split(': ')[1]);
  expect(after).toBe(before);
  expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
  expectBothServed();
});

it('a sign-in whose node dies is gone on with by the other', async () => {
  await world.publish({ script });
  const ben = await world.addUser('ben');
  const person = await beginsSignIn(world);
  await typesPassword(person, 'ben', 'wrong');
  await typesPassword(person, 'ben', 'wrong');
  expectBothServed();
  await second.kill();
  balancer.sendsTo(0);
  await typesPassword(person, 'ben');
  await person.chooses('totp');
  await enrolsApp(world, person);
  expect(person.isAt()).toBe('Signed in');
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: ben.id, tries: 2 });
  expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });
  await startsSecond();
});

it('two answers to one page, each to another node, move the sign-in on once', async () => {
  await world.publish({ script });
  const cas = await world.addUser('cas');
  const person = await beginsSignIn(world);
  const tab = person.opensTab();
  await tab.opens(person.page().url);
  balancer.counts();
  await Promise.all([typesPassword(person, 'cas', 'wrong'), typesPassword(tab, 'cas', 'wrong')]);
  const [one, other] = balancer.counts();
  expect(Math.min(one, other)).toBeGreaterThan(0);
  const page = [person, tab].find((each) => each.page().forms.length > 0)!;
  expect((await readRefusal(world, page)).event).toBeNull();
  await page.opens(page.page().url);
  await typesPassword(page, 'cas');
  await page.chooses('totp');
  await enrolsApp(world, page);
  expect((await askApplication(world, page)).claims).toMatchObject({ sub: cas.id, tries: 1 });
});

it('both tell a provider of the sign-outs that it is owed, each of them once', async () => {
  const provider = await createSamlProvider('127.0.0.3');
  const place = { box: world.box, database: world.app.database };
  const connection = await connectBySoap(place, provider);
  const answers = Promise.withResolvers<void>();
  provider.misbehave({ soap: { until: answers.promise } });
  const names = Array.from({ length: 12 }, (_, n) => `ann-${n}`);
  for (const name of names) await owe(place, connection, name, world.clock.now());
  // As many as one node has under way with one provider, and as many of the other node.
  await expect.poll(() => namesTold(provider), { timeout: 4000 }).toHaveLength(8);
  answers.resolve();
  await expect.poll(() => listOwed(place), { timeout: 5000 }).toEqual([]);
  expect(namesTold(provider).sort()).toEqual(names.sort());
  expect(await world.happened()).toEqual({ 'upstream.sign-out-told': 12 });
  await provider.close();
});

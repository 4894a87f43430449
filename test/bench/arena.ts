import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import { makeApplication, makeConnection, makeUser, openServerData, publishFlow } from '../stories/seed.ts';
import { type Credentials, signIn, type Target } from './load.ts';
import { median, percentile, type Row, readCpuMs, round } from './measure.ts';
import { type BenchServer, startBenchServer } from './server.ts';

const callback = 'http://app.example';
export const password = 'correct horse battery';
const user = 'ann';

/** Asks for a second factor only of people with a role that nobody here has. */
const script = `var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (hasRole(context.steps[1].subject, 'admin')) executeStep(2);
    },
  });
};`;

export interface Contestant {
  name: string;
  /** Index of the contestant that it stands beside. */
  beside: string;
  server: BenchServer;
  target: Target;
  /** Who signs in as the nth. */
  who(n: number): Credentials;
  /** Times of all rounds, and per round the rate and the CPU time of one sign-in. */
  times: number[];
  rates: number[];
  cpu: number[];
  sandboxCpu: number[];
  count: number;
}

export interface Arena {
  contestants: Contestant[];
  /** The directories of their data. */
  data: { stepgate: string; bare: string };
  /** How often the upstream provider's endpoints were asked so far. */
  countRequests(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts what is to be measured: the same sign-ins on Stepgate and on oidc-provider alone, each in a process of its own. */
export async function openArena({ people }: { people: number }): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-bench-'));
  const [port, relaxedPort, barePort] = (await Promise.all(
    [1, 2, 3].map(() => findFreePort({ host: 'localhost' })),
  )) as [number, number, number];
  const idpPort = await findFreePort({ host: '127.0.0.1' });
  const countPort = await findFreePort({ host: '127.0.0.1' });
  const issuer = `http://127.0.0.1:${idpPort}`;
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const main = file('../../src/main.ts');
  const log = (name: string) => join(directory, `${name}.log`);

  const idp = await startBenchServer({
    command: [file('./identity-provider.ts')],
    environment: {
      PORT: String(idpPort),
      COUNT_PORT: String(countPort),
      PEOPLE: String(people),
      CALLBACKS: `http://localhost:${port}/login/callback http://localhost:${barePort}/callback`,
    },
    readyUrl: `${issuer}/.well-known/openid-configuration`,
    logFile: log('identity-provider'),
  });
  const stepgate = (name: string, at: number, options: string[] = []) =>
    seed(join(directory, name), issuer).then(() =>
      startBenchServer({
        command: [...options, main],
        environment: {
          HOST: 'localhost',
          PORT: String(at),
          PUBLIC_URL: `http://localhost:${at}`,
          STEPGATE_DATA: join(directory, name),
          STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
          // The load says where each person comes from, so that no address asks too often.
          STEPGATE_TRUSTED_PROXIES: '127.0.0.1,::1',
        },
        readyUrl: `http://localhost:${at}/health/ready`,
        logFile: log(name),
      }),
    );
  const full = await stepgate('full', port);
  const relaxed = await stepgate('relaxed', relaxedPort, ['--import', file('./no-sync.ts')]);
  await seed(join(directory, 'bare'), issuer);
  const bare = await startBenchServer({
    command: [file('./bare-provider.ts')],
    environment: { PORT: String(barePort), DIRECTORY: join(directory, 'bare'), UPSTREAM: issuer, CALLBACK: callback },
    readyUrl: `http://localhost:${barePort}/health/ready`,
    logFile: log('bare'),
  });

  const ofStepgate = (at: number): Target => ({
    authorize: `http://localhost:${at}/oidc/authorize`,
    token: `http://localhost:${at}/oidc/token`,
    clientId: 'payroll',
    clientSecret: 'secret',
    redirectUri: `${callback}/at-once`,
  });
  const ofBare = (way: string): Target => ({
    authorize: `http://localhost:${barePort}/authorize`,
    token: `http://localhost:${barePort}/token`,
    clientId: 'payroll',
    clientSecret: 'secret',
    redirectUri: `${callback}/${way}`,
  });
  const local = () => ({ username: user, password });
  const known = (n: number) => ({ person: `person-${n % 20}` });
  const make = (name: string, beside: string, server: BenchServer, target: Target, who: Contestant['who']) => ({
    name,
    beside,
    server,
    target,
    who,
    times: [],
    rates: [],
    cpu: [],
    sandboxCpu: [],
    count: 0,
  });
  return {
    contestants: [
      make(atOnce, atOnce, bare, ofBare('at-once'), () => null),
      make(bareLocal, bareLocal, bare, ofBare('password'), local),
      make(stepgateLocal, bareLocal, full, ofStepgate(port), local),
      make('Stepgate, local, commits not waited for', bareLocal, relaxed, ofStepgate(relaxedPort), local),
      make(bareFederated, bareFederated, bare, ofBare('upstream'), known),
      make(firstTime, bareFederated, full, ofStepgate(port), (n) => ({
        person: `person-${20 + n}`,
      })),
      make('Stepgate, federated, again', bareFederated, full, ofStepgate(port), known),
      make(withoutJit, bareFederated, full, ofStepgate(port), (n) => ({
        person: `person-${20 + n}`,
        connection: 'Google without accounts',
      })),
    ],
    data: { stepgate: join(directory, 'full'), bare: join(directory, 'bare') },
    async countRequests() {
      return (await (await fetch(`http://127.0.0.1:${countPort}`)).json()) as Record<string, number>;
    },
    async close() {
      for (const server of [bare, relaxed, full, idp]) await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}

const atOnce = 'oidc-provider alone, nobody asked';
export const bareLocal = 'oidc-provider alone, local';
const bareFederated = 'oidc-provider alone, federated';
export const stepgateLocal = 'Stepgate, local';
export const firstTime = 'Stepgate, federated, first time (JIT)';
export const withoutJit = 'Stepgate, federated, JIT off';

async function seed(directory: string, issuer: string): Promise<void> {
  const { database, box } = await openServerData(directory);
  const application = makeApplication({
    name: 'Payroll',
    clientId: 'payroll',
    clientSecret: 'secret',
    redirectUris: [`${callback}/at-once`],
  });
  const account = makeUser(user);
  const hash = await createPasswords().hash(password);
  await database.unit(async (stores) => {
    const client = { issuer, clientId: 'stepgate', clientSecret: 'secret' };
    await stores.connections.insert(makeConnection(box, { ...client, name: 'Google' }));
    const without = { ...client, name: 'Google without accounts', jit: { enabled: false } };
    await stores.connections.insert(makeConnection(box, without));
    await stores.applications.insert(application);
    await publishFlow(stores, application.id, {
      steps: [
        { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }, { idp: 'Google without accounts' }] },
        { options: [{ authenticator: 'totp' }] },
      ],
      script,
      scriptEnabled: true,
    });
    await stores.users.insert(account);
    await stores.users.setPasswordHash(account.id, hash);
  });
  await database.close();
}

/** The first round warms up, and does not count. */
export async function playRound(contestant: Contestant, sum: number, users: number, counts: boolean): Promise<void> {
  const { server, target, who } = contestant;
  const cpuBefore = readCpuMs(server.pid);
  const begin = performance.now();
  let left = sum;
  const times: number[] = [];
  const walk = async (lane: number) => {
    while (left > 0) {
      left -= 1;
      const n = contestant.count++;
      const before = performance.now();
      await signIn(target, who(n), `10.0.${lane}.${n % 250}`);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: users }, (_, lane) => walk(lane)));
  const seconds = (performance.now() - begin) / 1000;
  if (!counts) return;
  contestant.times.push(...times);
  contestant.rates.push(sum / seconds);
  const cpu = readCpuMs(server.pid);
  contestant.cpu.push((cpu.own - cpuBefore.own) / sum);
  contestant.sandboxCpu.push((cpu.children - cpuBefore.children) / sum);
}

/** A row for each, the medians of its rounds. */
export function toRows(contestants: readonly Contestant[]): Row[] {
  return contestants.map((contestant): Row => {
    const base = contestants.find(({ name }) => name === contestant.beside) ?? contestant;
    const share = (read: (of: Contestant) => number) => round(read(contestant) / read(base));
    return {
      'sign-in': contestant.name,
      'per second': round(median(contestant.rates)),
      'p50 ms': round(median(contestant.times)),
      'p99 ms': round(percentile(contestant.times, 99)),
      'server CPU ms': round(median(contestant.cpu)),
      'sandbox CPU ms': round(median(contestant.sandboxCpu)),
      '× alone, p50': share(({ times }) => median(times)),
      '× alone, CPU': share(({ cpu, sandboxCpu }) => median(cpu) + median(sandboxCpu)),
    };
  });
}

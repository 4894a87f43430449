import { type Contestant, firstTime, openArena, playRound, toRows, withoutJit } from './arena.ts';
import { median, round, type Table } from './measure.ts';

/**
 * Sign-ins by way of another provider, beside oidc-provider alone with a plain client of the same provider, in one run: how
 * long they take, what provisioning has of it, and how often the provider is asked.
 */
export async function run({ rounds = 5, perRound = 48, users = [1, 8] } = {}): Promise<Table[]> {
  const tables: Table[] = [];
  for (const atOnceUsers of users) {
    const arena = await openArena({ people: 40 + (rounds + 1) * perRound });
    const contestants = arena.contestants.filter(({ name }) => name.includes('federated'));
    const asked = new Map<Contestant, Record<string, number>>();
    try {
      for (let round_ = 0; round_ <= rounds; round_++) {
        for (const contestant of contestants) {
          const before = await arena.countRequests();
          await playRound(contestant, perRound, atOnceUsers, round_ > 0);
          asked.set(contestant, subtract(await arena.countRequests(), before));
        }
      }
      tables.push(toTable(contestants, asked, { users: atOnceUsers, perRound }));
    } finally {
      await arena.close();
    }
  }
  return tables;
}

/** By a server: what browsers ask stands in no relation to it. */
const serverEndpoints = ['discovery', 'jwks', 'token', 'userinfo'];

function subtract(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(serverEndpoints.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}

function toTable(
  contestants: readonly Contestant[],
  asked: ReadonlyMap<Contestant, Record<string, number>>,
  { users, perRound }: { users: number; perRound: number },
): Table {
  const rows = toRows(contestants).map((row, i) => {
    const requests = Object.values(asked.get(contestants[i]!) ?? {}).reduce((sum, count) => sum + count, 0);
    return { ...row, 'requests to the provider': round(requests / perRound) };
  });
  const find = (name: string) => contestants.find((contestant) => contestant.name === name)!;
  const share = (read: (of: Contestant) => number) => {
    const [whole, without] = [read(find(firstTime)), read(find(withoutJit))];
    return Math.round((100 * (whole - without)) / whole);
  };
  const time = share(({ times }) => median(times));
  const cpu = share(({ cpu: own, sandboxCpu }) => median(own) + median(sandboxCpu));
  return {
    title: `Federated sign-ins, ${users === 1 ? 'one person' : `${users} people at a time`}`,
    rows,
    note:
      `Making the account (JIT) is ${time} % of the time of a first sign-in, and ${cpu} % of its CPU: the difference to the ` +
      `same sign-in with JIT off. Requests are those of the servers in the last round, for each sign-in. «Alone» asks for no ` +
      `userinfo.`,
  };
}

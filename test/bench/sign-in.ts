import { createPasswords } from '../../src/directory/passwords.ts';
import { type Contestant, openArena, password, playRound, toRows } from './arena.ts';
import { median, round, type Table, timeEach } from './measure.ts';

/**
 * Whole sign-ins: authorization request, login, code, tokens. The contestants take turns, so that a busy machine is busy
 * for all of them; of each, the median of the rounds counts.
 */
export async function run({ rounds = 5, perRound = 48, users = [1, 8] } = {}): Promise<Table[]> {
  const tables: Table[] = [];
  for (const atOnceUsers of users) {
    const arena = await openArena({ people: 40 + (rounds + 1) * perRound });
    try {
      for (let round_ = 0; round_ <= rounds; round_++) {
        for (const contestant of arena.contestants) await playRound(contestant, perRound, atOnceUsers, round_ > 0);
      }
      tables.push(toTable(arena.contestants, atOnceUsers, await measurePassword()));
    } finally {
      await arena.close();
    }
  }
  return tables;
}

async function measurePassword(): Promise<number> {
  const passwords = createPasswords();
  const hash = await passwords.hash(password);
  return median(await timeEach(30, () => passwords.verify(hash, password)));
}

function toTable(contestants: readonly Contestant[], users: number, passwordMs: number): Table {
  return {
    title: `Whole sign-ins, ${users === 1 ? 'one person' : `${users} people at a time`}`,
    rows: toRows(contestants),
    note:
      `Every sign-in ends with tokens (code + PKCE, ES256, refresh token). «Alone» is the row above that begins with ` +
      `«oidc-provider alone» and does the same: the same storage and adapter, and nothing else of Stepgate’s. ` +
      `CPU is that of a server per sign-in; of a local sign-in argon2id is about ${round(passwordMs)} ms, on both sides.`,
  };
}

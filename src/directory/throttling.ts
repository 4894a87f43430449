import { day, hour, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { networkOf } from '../kernel/network.ts';
import type { ThrottleStore } from './throttle.ts';

/**
 * Slows guessing down. There is no lock: each wrong answer beyond the first few makes the wait until the next try longer,
 * up to a longest wait, and quiet time forgets it. While somebody has to wait, answers are neither checked nor counted,
 * right ones included.
 *
 * - T1 What is attacked is counted by its name as typed, whether such an account exists or not: waiting tells nothing.
 *   Somebody's user name and mail address are two names: counted as one, waiting would tell that they belong together.
 * - T2 Who asks is counted by network, over all names.
 * - T3 A stranger cannot lock the owner out: a network from which the right answer came in the last weeks never waits
 *   longer than `provenWait`. (Elsewhere the owner can reset the password, which forgives the name.)
 * - T4 A right answer clears the name's count, never the network's: an attacker has an account, too.
 * - T5 Names and networks are stored as keyed hashes.
 */
export interface Throttling {
  /** How long to wait until the next try, in milliseconds; 0 when none is needed. */
  findWait(store: ThrottleStore, attempt: Attempt, now: number): Promise<number>;
  /** Counts a wrong answer (or a mail). */
  count(store: ThrottleStore, attempt: Attempt, now: number): Promise<void>;
  /** Notes a right answer. */
  clear(store: ThrottleStore, attempt: Attempt, now: number): Promise<void>;
  /** Forgets what was counted against a subject, whoever did it: an admin unlocks, or a password was reset. */
  forgive(store: ThrottleStore, of: Pick<Attempt, 'kind' | 'subject'>): Promise<void>;
}

export interface Attempt {
  kind: keyof typeof kinds;
  /** What is attacked: a user name as it is compared, the id of an account or of a factor. */
  subject: string;
  ip: string;
}

interface Pace {
  /** So many wrong answers cost nothing. */
  free: number;
  /** The wait after the next one, in milliseconds; each further one doubles it, up to `longestWait`. */
  firstWait: number;
  longestWait: number;
  /** After so long without a wrong answer the count starts anew. */
  forgottenAfter: number;
}

const networkPaces = {
  guesses: { free: 100, firstWait: second, longestWait: minute, forgottenAfter: 15 * minute },
  resets: { free: 20, firstWait: 10 * second, longestWait: 15 * minute, forgottenAfter: hour },
} as const satisfies Record<string, Pace>;

interface Kind {
  subject: Pace;
  network: keyof typeof networkPaces | null;
  /** In milliseconds; null where no network is preferred. */
  provenWait: number | null;
}

// Codes are short, and only somebody who has passed another step gets to guess them: longer waits harm nobody else.
const codePace: Pace = { free: 10, firstWait: 10 * second, longestWait: hour, forgottenAfter: 7 * day };

/** Not guesses but mails, which annoy. */
export const mailPace: Pace = { free: 20, firstWait: minute, longestWait: 15 * minute, forgottenAfter: hour };

const kinds = {
  // In the long run 96 guesses a day at one name.
  password: {
    subject: { free: 10, firstWait: 2 * second, longestWait: 15 * minute, forgottenAfter: day },
    network: 'guesses',
    provenWait: minute,
  },
  // Names that nobody has, where a page tells so: who tries many is slowed down by network.
  identifier: { subject: codePace, network: 'guesses', provenWait: null },
  totp: { subject: codePace, network: 'guesses', provenWait: null },
  'email-otp': { subject: codePace, network: 'guesses', provenWait: null },
  'code-mails': { subject: mailPace, network: null, provenWait: null },
  'script-mails': { subject: mailPace, network: null, provenWait: null },
  'reset-mails': {
    subject: { free: 3, firstWait: minute, longestWait: hour, forgottenAfter: day },
    network: 'resets',
    provenWait: null,
  },
} as const satisfies Record<string, Kind>;

/** How long a network counts as proven, and how old the note may be before it is renewed. */
const proof = { lasts: 30 * day, renewedAfter: day };

export function createThrottling({ box }: { box: CryptoBox }): Throttling {
  const key = (text: string) => box.mac('throttle', text);
  const subjectKey = ({ kind, subject }: Pick<Attempt, 'kind' | 'subject'>) => key(`subject:${kind}:${subject}`);
  const networkKey = (name: string, ip: string) => key(`network:${name}:${networkOf(ip)}`);
  const proofKey = ({ kind, subject, ip }: Attempt) => key(`proof:${kind}:${networkOf(ip)}:${subject}`);

  return {
    async findWait(store, attempt, now) {
      const { subject, network, provenWait }: Kind = kinds[attempt.kind];
      const bySubject = await store.find(subjectKey(attempt), now);
      const byNetwork = network === null ? nothing : await store.find(networkKey(network, attempt.ip), now);
      const networkPace = networkPaces[network ?? 'guesses'];
      const wait = Math.max(waitOf(subject, bySubject, now), waitOf(networkPace, byNetwork, now));
      if (wait === 0 || provenWait === null || (await store.find(proofKey(attempt), now)).count === 0) return wait;
      return Math.max(waitOf(subject, bySubject, now, provenWait), waitOf(networkPace, byNetwork, now, provenWait));
    },
    async count(store, attempt, now) {
      const { subject, network }: Kind = kinds[attempt.kind];
      await store.add(subjectKey(attempt), now, subject.forgottenAfter);
      if (network !== null) {
        await store.add(networkKey(network, attempt.ip), now, networkPaces[network].forgottenAfter);
      }
    },
    async clear(store, attempt, now) {
      const counted = await store.find(subjectKey(attempt), now);
      if (counted.count > 0) await store.clear(subjectKey(attempt));
      if (kinds[attempt.kind].provenWait === null) return;
      const known = await store.find(proofKey(attempt), now);
      if (known.count === 0 || now - known.lastAt > proof.renewedAfter) {
        await store.add(proofKey(attempt), now, proof.lasts);
      }
    },
    async forgive(store, of) {
      await store.clear(subjectKey(of));
    },
  };
}

const nothing = { count: 0, lastAt: 0 };

function waitOf(
  pace: Pace,
  { count, lastAt }: { count: number; lastAt: number },
  now: number,
  longest = Infinity,
): number {
  if (count <= pace.free) return 0;
  const wait = Math.min(longest, pace.longestWait, pace.firstWait * 2 ** (count - pace.free - 1));
  return Math.max(0, lastAt + wait - now);
}

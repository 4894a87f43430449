import { type Clock, minute, second } from '../kernel/clock.ts';

/** A message that somebody is owed: written in the unit of what it tells of, and sent afterwards, at least once. */
export interface Owed {
  /** How often it was sent, or begun to be. */
  attempts: number;
  nextAttemptAt: number;
  /** Of no use later. */
  expiresAt: number;
}

/** Sends what is owed, from its start until its stop. */
export interface OwedDelivery {
  start(): void;
  /** Waits for messages on the way; what was not sent is sent after the next start. */
  stop(): Promise<void>;
}

/** The messages of one kind, and the way that they go. `R` is whoever they are for. */
export interface OwedKind<T extends Owed, R extends string> {
  recipientOf(owed: T): R;
  /** Those due at `now`, the longest due first, and none for these recipients. */
  listDue(of: { now: number; limit: number; except: readonly R[] }): Promise<T[]>;
  /**
   * Puts one off, and only if it is due when it was: who can do that may send it. Meanwhile nobody else does; should the
   * server end before it is sent, it is due again then.
   */
  claim(owed: T, next: Pick<Owed, 'attempts' | 'nextAttemptAt'>): Promise<boolean>;
  /** Sends it and forgets it, or records that it could not be sent. Takes less than `shortestRest`. */
  send(owed: T, attempt: Attempt): Promise<void>;
}

export interface Attempt {
  /** 1 for the first. */
  number: number;
  /** It would be of no use when it is due again. */
  isLast: boolean;
}

/** How often is looked for new ones. */
const nap = second;
/** At once, to one recipient: one that hangs holds up nobody else, and takes no more of ours than that. */
const perRecipient = 4;
const batch = 50;
/** What cannot be sent is tried again 10 s after it was begun, 20 s, … and then each quarter of an hour. */
const shortestRest = 10 * second;
const longestRest = 15 * minute;

/** Any number of them may work on one database: each message is sent by the one that could claim it. */
export function createOwedDelivery<T extends Owed, R extends string>({
  clock,
  log,
  kind,
}: {
  clock: Clock;
  log: { warn(details: object, message: string): void };
  kind: OwedKind<T, R>;
}): OwedDelivery {
  const underWay = new Map<R, Set<Promise<void>>>();
  let wake = () => {};
  let stopped = false;
  let loop: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    while (!stopped) {
      await takeUp().catch(warn);
      if (!stopped) await rest();
    }
  }

  function rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, nap);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Until nothing is due but for recipients that have as much under way as they may. */
  async function takeUp(): Promise<void> {
    while (!stopped) {
      const except = [...underWay].flatMap(([recipient, sending]) => (sending.size < perRecipient ? [] : recipient));
      const due = await kind.listDue({ now: clock.now(), limit: batch, except });
      if (due.length === 0) return;
      for (const owed of due) await begin(owed);
    }
  }

  async function begin(owed: T): Promise<void> {
    const recipient = kind.recipientOf(owed);
    const sending = underWay.get(recipient) ?? new Set();
    if (stopped || sending.size >= perRecipient) return;
    const nextAttemptAt = clock.now() + Math.min(longestRest, shortestRest * 2 ** owed.attempts);
    const attempt = { number: owed.attempts + 1, isLast: nextAttemptAt >= owed.expiresAt };
    if (!(await kind.claim(owed, { attempts: attempt.number, nextAttemptAt }))) return;
    const sent = kind
      .send(owed, attempt)
      .catch(warn)
      .then(() => {
        sending.delete(sent);
        if (sending.size === 0) underWay.delete(recipient);
        // There may be more for it.
        if (sending.size === perRecipient - 1) wake();
      });
    underWay.set(recipient, sending.add(sent));
  }

  function warn(fault: unknown): void {
    log.warn({ err: fault }, 'A sign-out that somebody is owed met a fault; it is told later.');
  }

  return {
    start() {
      loop = work();
    },
    async stop() {
      stopped = true;
      wake();
      await loop;
      await Promise.all([...underWay.values()].flatMap((sending) => [...sending]));
    },
  };
}

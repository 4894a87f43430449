import type { AuditEvent } from '../audit/event.ts';
import { type Clock, minute, second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';

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

/** The messages of one kind, and the way that they go. `R` is whoever they are for, `S` the stores that keep them. */
export interface OwedKind<T extends Owed, R extends string, S> {
  recipientOf(owed: T): R;
  /** Those due at `now`, the longest due first, and none for these recipients. */
  listDue(stores: S, of: { now: number; limit: number; except: readonly R[] }): Promise<T[]>;
  /**
   * Puts one off, and only if it is due when it was: who can do that may send it. Meanwhile nobody else does; should the
   * server end before it is sent, it is due again then.
   */
  claim(stores: S, owed: T, next: Pick<Owed, 'attempts' | 'nextAttemptAt'>): Promise<boolean>;
  /** How it is sent; null where nobody wants it any more. */
  prepare(stores: S, owed: T): Promise<Message | null>;
  delete(stores: S, owed: T): Promise<void>;
}

export interface Message {
  /** Resolves with what the record says of it. Takes less than `firstRest`. @throws AppError when it did not arrive */
  send(): Promise<AuditEvent>;
  /** What the record says of the first failure, and of the last. */
  describeFailure(error: AppError, of: { attempts: number; triesAgain: boolean }): AuditEvent;
}

/** How often is looked for new ones. */
const nap = second;
/** At once, to one recipient: one that hangs holds up nobody else, and takes no more of ours than that. */
const perRecipient = 4;
const batch = 50;
/** What cannot be sent is tried again 10 s after it was begun, 20 s, … and then each quarter of an hour. */
const firstRest = 10 * second;
const longestRest = 15 * minute;

/** Any number of them may work on one database: each message is sent by the one that could claim it. */
export function createOwedDelivery<T extends Owed, R extends string, S extends Pick<Stores, 'audit'>>({
  database,
  clock,
  log,
  kind,
}: {
  database: Database<S>;
  clock: Clock;
  log: { warn(details: object, message: string): void };
  kind: OwedKind<T, R, S>;
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
      const due = await kind.listDue(database.read, { now: clock.now(), limit: batch, except });
      if (due.length === 0) return;
      for (const owed of due) await begin(owed);
    }
  }

  async function begin(owed: T): Promise<void> {
    const recipient = kind.recipientOf(owed);
    const sending = underWay.get(recipient) ?? new Set();
    if (stopped || sending.size >= perRecipient) return;
    const nextAttemptAt = clock.now() + Math.min(longestRest, firstRest * 2 ** owed.attempts);
    const next = { attempts: owed.attempts + 1, nextAttemptAt };
    if (!(await database.unit((stores) => kind.claim(stores, owed, next)))) return;
    const sent = send({ ...owed, ...next })
      .catch(warn)
      .then(() => {
        sending.delete(sent);
        if (sending.size === 0) underWay.delete(recipient);
        // There may be more for it.
        if (sending.size === perRecipient - 1) wake();
      });
    underWay.set(recipient, sending.add(sent));
  }

  async function send(owed: T): Promise<void> {
    const message = await kind.prepare(database.read, owed);
    if (!message) return database.unit((stores) => kind.delete(stores, owed));
    const told = await message.send().catch((error: unknown) => {
      if (!(error instanceof AppError)) warn(error);
      return error instanceof AppError ? error : new AppError('INTERNAL');
    });
    const { attempts } = owed;
    const triesAgain = told instanceof AppError && owed.nextAttemptAt < owed.expiresAt;
    if (triesAgain && attempts > 1) return;
    await database.unit(async (stores) => {
      if (!triesAgain) await kind.delete(stores, owed);
      const event = told instanceof AppError ? message.describeFailure(told, { attempts, triesAgain }) : told;
      await stores.audit.append(event);
    });
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

import { withDeadline } from '../authenticators/federated/deadline.ts';
import type { FederationProtocol } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { type Clock, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { type OwedSignOut, openUpstream } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import { signOutFailed, signOutTold } from './events.ts';

/** Tells providers of sessions that ended here without a browser: by an admin, a script, a limit, or with the account. */
export interface OwedSignOuts {
  start(): void;
  /** Waits for messages on the way; what was not told is told after the next start. */
  stop(): Promise<void>;
}

/** How often is looked for new ones. */
const nap = second;
/** So many are told at once: a provider that hangs holds up few. */
const batch = 20;
const deadline = 5 * second;
/** A provider that cannot be told is tried again after 10 s, 20 s, … and then each quarter of an hour. */
const firstRest = 10 * second;
const longestRest = 15 * minute;

export function createOwedSignOuts({
  database,
  box,
  clock,
  protocolOf,
  log,
}: {
  database: Database<Pick<Stores, 'audit' | 'connections' | 'upstreamSessions'>>;
  box: Pick<CryptoBox, 'open'>;
  clock: Clock;
  protocolOf(connection: Connection): FederationProtocol;
  log: { warn(details: object, message: string): void };
}): OwedSignOuts {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;

  function plan(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      round = tellAllDue()
        .catch((fault: unknown) => log.warn({ err: fault }, 'Sign-outs owed to providers could not be told.'))
        .then(plan);
    }, nap);
    timer.unref();
  }

  async function tellAllDue(): Promise<void> {
    const due = await database.read.upstreamSessions.listOwed(clock.now(), batch);
    const ends = await Promise.allSettled(due.map(tell));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async function tell(owed: OwedSignOut): Promise<void> {
    const connection = await database.read.connections.findById(owed.connectionId);
    const protocol = connection && protocolOf(connection);
    const wanted = connection && 'singleLogout' in connection && connection.singleLogout;
    if (!wanted || !protocol?.tellSignOut) {
      return database.unit(({ upstreamSessions }) => upstreamSessions.deleteOwed(owed));
    }
    try {
      const { signOut } = openUpstream(box, owed);
      const status = await withDeadline(protocol.tellSignOut(connection, signOut ?? {}), deadline);
      await database.unit(async ({ audit, upstreamSessions }) => {
        await upstreamSessions.deleteOwed(owed);
        await audit.append(signOutTold(connection, clock.now(), { status }));
      });
    } catch (error) {
      if (!(error instanceof AppError)) log.warn({ err: error }, 'A sign-out owed to a provider met a fault.');
      await recordFailure(owed, connection, error instanceof AppError ? error : new AppError('INTERNAL'));
    }
  }

  /** The first failure is an event, and the last. */
  async function recordFailure(owed: OwedSignOut, connection: Connection, error: AppError): Promise<void> {
    const now = clock.now();
    const attempts = owed.attempts + 1;
    const nextAttemptAt = now + Math.min(longestRest, firstRest * 2 ** owed.attempts);
    const isLast = nextAttemptAt >= owed.expiresAt;
    await database.unit(async ({ audit, upstreamSessions }) => {
      if (isLast) await upstreamSessions.deleteOwed(owed);
      else await upstreamSessions.postponeOwed({ ...owed, attempts, nextAttemptAt });
      if (isLast || attempts === 1) {
        await audit.append(signOutFailed(connection, error, now, { attempts, triesAgain: !isLast }));
      }
    });
  }

  return {
    start: plan,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

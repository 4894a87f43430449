import { type Clock, day, hour } from './kernel/clock.ts';
import type { Database } from './kernel/unit-of-work.ts';
import type { Stores } from './stores.ts';

/**
 * Removes what is over: artifacts, sessions, old and abandoned logins with their journals, old events, counters, reset
 * tokens, what nobody could be told. Renews the signing key.
 */
export function createSweeper({
  database,
  clock,
  historyDays,
  auditDays,
  rotateKeys,
  log,
}: {
  database: Database<Stores> & { emptyLog(): Promise<void> };
  clock: Clock;
  /** How long ended logins are kept. */
  historyDays: number;
  /** How long events are kept. */
  auditDays: number;
  rotateKeys(): Promise<unknown>;
  log: { warn(details: object, message: string): void };
}): { start(): void; stop(): Promise<void>; sweep(): Promise<void> } {
  /** Small portions, so that no sign-in waits behind a sweep. */
  const portion = 500;
  const keyLife = 90 * day;
  /** Sign-ins that nobody went on with: anybody can begin them, and there is nothing to look up. Past their beginning they may hold somebody's attributes, and do not stay that long. */
  const abandonedFor = day;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    const now = clock.now();
    const removers: ((stores: Stores) => Promise<number>)[] = [
      ({ artifacts }) => artifacts.deleteExpired(now, portion),
      ({ sessions }) => sessions.deleteExpired(now, portion),
      ({ upstreamSessions }) => upstreamSessions.deleteExpired(now, portion),
      ({ tellings }) => tellings.deleteExpired(now, portion),
      ({ logins }) => logins.deleteAbandoned({ before: now - abandonedFor, now }, portion),
      ({ logins }) => logins.deleteOlderThan(now - historyDays * day, portion),
      ({ audit }) => audit.deleteOlderThan(now - auditDays * day, portion),
      // No sign-in is open for as long as that.
      ({ secrets }) => secrets.deleteReplaced(now - day),
      ({ throttle }) => throttle.deleteExpired(now, portion),
      ({ users }) => users.deleteExpiredResetTokens(now, portion),
    ];
    for (const remove of removers) {
      while ((await database.unit(remove)) === portion);
    }
    // Also what was deleted since the last time is not to be found in the log any more.
    await database.emptyLog();
    const keys = await database.read.signingKeys.list();
    const newest = Math.max(0, ...keys.map(({ createdAt }) => createdAt));
    if (newest > 0 && newest < now - keyLife) await rotateKeys();
  }

  function plan(): void {
    timer = setTimeout(() => {
      round = sweep().then(plan, (fault: unknown) => {
        log.warn({ err: fault }, 'What is over could not be removed; trying again in an hour.');
        plan();
      });
    }, hour);
    timer.unref();
  }

  return {
    sweep,
    start: plan,
    async stop() {
      clearTimeout(timer);
      await round;
      clearTimeout(timer);
    },
  };
}

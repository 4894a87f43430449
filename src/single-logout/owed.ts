import { withDeadline } from '../authenticators/federated/deadline.ts';
import type { FederationProtocol } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { type Clock, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { type OwedSignOut, openUpstream } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import { type Attempt, createOwedDelivery, type OwedDelivery } from './deliver-owed.ts';
import { signOutFailed, signOutTold } from './events.ts';

const deadline = 5 * second;

/** Tells providers of sessions that ended here without a browser: by an admin, a script, a limit, or with the account. */
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
}): OwedDelivery {
  async function send(owed: OwedSignOut, attempt: Attempt): Promise<void> {
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
      await recordFailure(owed, connection, error instanceof AppError ? error : new AppError('INTERNAL'), attempt);
    }
  }

  /** The first failure is an event, and the last. */
  async function recordFailure(
    owed: OwedSignOut,
    connection: Connection,
    error: AppError,
    { number: attempts, isLast }: Attempt,
  ): Promise<void> {
    if (attempts > 1 && !isLast) return;
    await database.unit(async ({ audit, upstreamSessions }) => {
      if (isLast) await upstreamSessions.deleteOwed(owed);
      await audit.append(signOutFailed(connection, error, clock.now(), { attempts, triesAgain: !isLast }));
    });
  }

  return createOwedDelivery({
    clock,
    log,
    kind: {
      recipientOf: ({ connectionId }: OwedSignOut) => connectionId,
      listDue: (of) => database.read.upstreamSessions.listOwed(of),
      claim: (owed, next) => database.unit(({ upstreamSessions }) => upstreamSessions.claimOwed(owed, next)),
      send,
    },
  });
}

import { withDeadline } from '../authenticators/federated/deadline.ts';
import type { FederationProtocol } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { type Clock, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { type OwedSignOut, openUpstream } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import { createOwedDelivery, type OwedDelivery } from './deliver-owed.ts';
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
  return createOwedDelivery({
    database,
    clock,
    log,
    kind: {
      recipientOf: ({ connectionId }: OwedSignOut) => connectionId,
      listDue: ({ upstreamSessions }, of) => upstreamSessions.listOwed(of),
      claim: ({ upstreamSessions }, owed, next) => upstreamSessions.claimOwed(owed, next),
      delete: ({ upstreamSessions }, owed) => upstreamSessions.deleteOwed(owed),
      async prepare({ connections }, owed) {
        const connection = await connections.findById(owed.connectionId);
        const protocol = connection && protocolOf(connection);
        const wanted = connection && 'singleLogout' in connection && connection.singleLogout;
        if (!wanted || !protocol?.tellSignOut) return null;
        const tell = protocol.tellSignOut;
        return {
          async send() {
            const { signOut } = openUpstream(box, owed);
            const status = await withDeadline(tell(connection, signOut ?? {}), deadline);
            return signOutTold(connection, clock.now(), { status });
          },
          describeFailure: (error, of) => signOutFailed(connection, error, clock.now(), of),
        };
      },
    },
  });
}

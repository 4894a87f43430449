import { withDeadline } from '../authenticators/federated/deadline.ts';
import type { FederationProtocol } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { type Clock, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { type ConnectionId, newSecret } from '../kernel/ids.ts';
import { sha256 } from '../kernel/sha256.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { openUpstream, type UpstreamSession } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import { signOutFailed } from './events.ts';

export interface LeaveDeps {
  database: Database<Pick<Stores, 'artifacts' | 'audit' | 'connections'>>;
  box: CryptoBox;
  clock: Clock;
  protocolOf(connection: Connection): FederationProtocol;
}

/** The way of a browser through the providers that somebody who has signed out here is still signed in at. */
export interface UpstreamSignOut {
  /**
   * @param sessions what ended here
   * @param target where the browser goes in the end
   * @returns the first provider's address, or `target` where there is none
   */
  leave(sessions: readonly UpstreamSession[], target: string): Promise<string>;
  /** From a provider back: to the next one, or to the end. @throws AppError STATE_INVALID */
  goOn(state: string | undefined): Promise<string>;
}

interface Visit {
  connectionId: ConnectionId;
  signOut: Record<string, string>;
}

/** Among the artifacts, which end by themselves. */
const model = 'UpstreamSignOut';
const lifetime = 10 * minute;
/** Signing out here is done already: nobody waits long for a provider's metadata. */
const deadline = 3 * second;

export function createUpstreamSignOut({ database, box, clock, protocolOf }: LeaveDeps): UpstreamSignOut {
  const place = (id: string) => `${model}/${id}`;

  async function visitNext(visits: readonly Visit[], target: string): Promise<string> {
    const [first, ...rest] = visits;
    if (!first) return target;
    const state = newSecret();
    const url = await findUrl(first, state);
    if (url === null) return visitNext(rest, target);
    const id = sha256(state);
    const payload = JSON.stringify(box.seal(JSON.stringify({ target, rest }), place(id)));
    const none = { grantId: null, userCode: null, uid: null, accountId: null, consumedAt: null };
    await database.unit(({ artifacts }) =>
      artifacts.upsert({ ...none, model, id, payload, expiresAt: clock.now() + lifetime }),
    );
    return url;
  }

  async function findUrl({ connectionId, signOut }: Visit, state: string): Promise<string | null> {
    const connection = await database.read.connections.findById(connectionId);
    if (!connection || !('singleLogout' in connection && connection.singleLogout)) return null;
    try {
      const asked = protocolOf(connection).signOut?.(connection, signOut, { state }) ?? null;
      return asked && (await withDeadline(asked, deadline));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await recordFailure(connection, error);
      return null;
    }
  }

  async function recordFailure(connection: Connection, error: AppError): Promise<void> {
    await database.unit(({ audit }) => audit.append(signOutFailed(connection, error, clock.now())));
  }

  return {
    leave(sessions, target) {
      const visits = new Map<ConnectionId, Visit>();
      for (const session of sessions) {
        const { connectionId } = session;
        const { signOut } = openUpstream(box, session);
        if (signOut) visits.set(connectionId, { connectionId, signOut });
      }
      return visitNext([...visits.values()], target);
    },

    async goOn(state) {
      const id = sha256(state ?? '');
      const now = clock.now();
      const kept = await database.unit(async ({ artifacts }) => {
        const found = await artifacts.find(model, id);
        const open = found !== null && (found.expiresAt ?? 0) > now && (await artifacts.destroy(model, id));
        return open ? found : null;
      });
      if (!kept) throw new AppError('STATE_INVALID', { detail: 'No sign-out is on its way with this state.' });
      const { target, rest } = JSON.parse(box.open(JSON.parse(kept.payload), place(id))) as {
        target: string;
        rest: Visit[];
      };
      return visitNext(rest, target);
    },
  };
}

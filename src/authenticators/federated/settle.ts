import type { Connection } from '../../connections/connection.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import type { LoginId } from '../../kernel/ids.ts';
import type { LoginStore } from '../../login/login.ts';
import { sealUpstream } from '../../sessions/upstream.ts';
import type { FederatedPerson, Move, Settle } from '../authenticator.ts';
import { type Away, isSameProvider } from './away.ts';
import type { Upstream } from './protocol.ts';

interface Answered {
  /** Whose answer it is, and when it came. */
  waiting: { loginId: LoginId; seq: number; now: number };
  away: Away;
  /** The person, or what became of the step without one. */
  outcome: { person: FederatedPerson; upstream: Upstream } | { move: Move };
  /** Of what is kept of the sign-in at the provider. */
  kept: { box: Pick<CryptoBox, 'seal'>; expiresAt: number; sharesToken: boolean };
}

/**
 * Decides what a provider's answer, checked outside the unit, is worth inside it: the state counts once, and the connection
 * and the person's account are as they are now.
 *
 * The Settle throws AppError STATE_INVALID when the answer was used before or belongs elsewhere: then nothing changes.
 */
export function settleAnswer({ waiting, away, outcome, kept }: Answered): Settle {
  return async ({ connections, logins, users, upstreamSessions }) => {
    await useState(logins, away.stateHash, waiting);
    const closed = findClosed(await connections.findById(away.connectionId), away);
    if (closed) return closed;
    if ('move' in outcome) return outcome.move;

    const { person, upstream } = outcome;
    const association = await users.findAssociation(person.connectionId, person.subject);
    const account = association && (await users.findById(association.userId));
    if (account?.disabled) return { kind: 'failed', problem: { code: 'ACCOUNT_DISABLED' } };
    if (account?.locked) return { kind: 'failed', problem: { code: 'ACCOUNT_LOCKED' } };
    const { loginId, seq } = waiting;
    const { name, sid, backChannel, signOut, token } = upstream;
    await upstreamSessions.put({
      loginId,
      seq,
      connectionId: person.connectionId,
      subject: person.subject,
      name,
      sid,
      browserUid: null,
      backChannel,
      contentSealed: sealUpstream(kept.box, { loginId, seq }, { signOut, token: kept.sharesToken ? token : null }),
      expiresAt: kept.expiresAt,
    });
    return { kind: 'success', person: { federated: person }, amr: [] };
  };
}

/** Why nobody may come in through a connection any more, or null. */
export function findClosed(
  connection: Connection | null,
  away: Pick<Away, 'connectionId' | 'provider'>,
): (Move & { kind: 'failed' }) | null {
  if (!connection?.enabled) {
    const name = connection ? `«${connection.name}»` : away.connectionId;
    return { kind: 'failed', problem: { code: 'CONNECTION_DISABLED', detail: `The connection is ${name}.` } };
  }
  if (isSameProvider(connection, away)) return null;
  const detail = `The provider or client of connection «${connection.name}» was changed during the sign-in.`;
  return { kind: 'failed', problem: { code: 'IDP_ANSWER_INVALID', detail } };
}

async function useState(logins: LoginStore, hash: string, { loginId, seq, now }: Answered['waiting']): Promise<void> {
  const kept = await logins.findFederationState(hash);
  if (
    kept?.loginId !== loginId ||
    kept.seq !== seq ||
    kept.expiresAt <= now ||
    !(await logins.useFederationState(hash))
  ) {
    throw new AppError('STATE_INVALID', {
      detail: 'The state was used before, has expired, or belongs to another step.',
    });
  }
}

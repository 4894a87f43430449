import type { ToldSignOut } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { minute } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { sha256 } from '../kernel/sha256.ts';
import { type EndStores, endSessionOfBrowser } from '../sessions/end.ts';

/** For as long as a message is taken at all. */
const remembered = 15 * minute;

/**
 * Ends what a provider says is over: the sessions that came of it with their tokens, and logins on the way that rely on it.
 * A message counts once; a session that came of another sign-in stays.
 *
 * @throws AppError IDP_ANSWER_INVALID for a message that came before
 */
export async function endUpstream(
  stores: EndStores,
  { id, name }: Connection,
  told: ToldSignOut,
  now: number,
): Promise<void> {
  await useOnce(stores, sha256(JSON.stringify([id, told.id])), now);
  const { upstreamSessions, audit } = stores;
  const found =
    told.sid === null
      ? await upstreamSessions.listByName(id, told.name ?? '')
      : await upstreamSessions.listBySid(id, told.sid);
  // A `sid` alone may be guessed; where a name comes along, both have to fit.
  const meant = found.filter((session) => told.name === null || session.name === told.name);
  for (const session of meant) {
    await upstreamSessions.delete(session);
    if (session.browserUid === null) continue;
    const end = { actor: 'system', reason: 'signed out at the provider', at: now } as const;
    await endSessionOfBrowser(stores, session.browserUid, end);
  }
  await audit.append({
    id: newId('event'),
    at: now,
    type: 'upstream.signed-out',
    actor: 'system',
    target: id,
    loginId: null,
    reference: null,
    code: null,
    details: { connection: name, signIns: meant.length },
  });
}

const model = 'ToldSignOut';

async function useOnce({ artifacts }: EndStores, id: string, now: number): Promise<void> {
  const found = await artifacts.find(model, id);
  if (found) throw new AppError('IDP_ANSWER_INVALID', { detail: 'The message came before.' });
  const none = { grantId: null, userCode: null, uid: null, accountId: null, consumedAt: null };
  await artifacts.upsert({ ...none, model, id, payload: '{}', expiresAt: now + remembered });
}

import { type Static, Type } from 'typebox';
import type { Connection } from '../../connections/connection.ts';
import type { Association } from '../../directory/user.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { unlink } from '../people/associations.ts';
import { deleteUser } from '../people/delete-user.ts';
import { getUser } from '../people/users.ts';
import { createRecords, type RecordEvent } from '../records.ts';
import { checkIfMatch } from '../versioning.ts';

export const People = Type.Enum(['keep', 'lock', 'delete'], {
  description:
    'What becomes of the accounts that are linked: they stay, are locked, or are deleted. Needed when there are any.',
});
export type People = Static<typeof People>;

/** How many people are dealt with in one unit: others need not wait for all of them. */
const batch = 100;

/**
 * Deletes a connection and deals with its people. Nobody can come in through it from the first unit on; its people follow a
 * batch at a time, and the connection goes last: what a crash leaves behind is finished by asking again.
 *
 * @throws AppError NOT_FOUND, CHANGED_MEANWHILE; ContentError when there are people and nothing is said about them
 */
export async function deleteConnection(
  deps: AdminDeps,
  {
    id,
    ifMatch,
    people,
    show,
  }: {
    id: string;
    ifMatch: string | undefined;
    people: People | undefined;
    show(connection: Connection): object;
  },
): Promise<void> {
  const { database } = deps;
  const record = createRecords(deps);
  const connectionId = id as ConnectionId;

  const connection = await database.unit(async (stores) => {
    const before = await stores.connections.findById(connectionId);
    if (!before) throw new AppError('NOT_FOUND', { detail: 'No connection has this id.' });
    checkIfMatch(ifMatch, before);
    const linked = await stores.users.listAssociationsOf(connectionId, mostCounted + 1);
    if (linked.length > 0 && people === undefined) throw askForPeople(before, linked.length);
    if (before.enabled && linked.length > 0) await stores.connections.update({ ...before, enabled: false });
    return before;
  });

  for (let done = false; !done; ) {
    done = await database.unit(async (stores) => {
      const linked = await stores.users.listAssociationsOf(connectionId, batch);
      // Nobody was there at first, so that it stayed on: somebody may have come since.
      if (linked.length > 0 && people === undefined) throw askForPeople(connection, linked.length);
      for (const association of linked) await settle(deps, stores, record, { association, people, connection });
      if (linked.length === batch) return false;
      await stores.connections.delete(connectionId);
      const details = { before: show(connection), after: null, ...(people === undefined ? {} : { people }) };
      await record(stores, { type: 'connection.deleted', target: connectionId, details });
      return true;
    });
  }
}

async function settle(
  { endAccess, clock }: AdminDeps,
  stores: Stores,
  record: RecordEvent,
  { association, people, connection }: { association: Association; people: People | undefined; connection: Connection },
): Promise<void> {
  const { userId } = association;
  if (people === 'delete') {
    // Of an account with several links to this connection the first has taken it along, and all of them.
    const user = await stores.users.findById(userId);
    if (user) await deleteUser({ endAccess }, stores, record, user);
    return;
  }
  await unlink(stores, record, association, connection.name);
  if (people === 'lock') {
    const user = await getUser(stores, userId);
    await endAccess(stores, userId, 'ACCOUNT_LOCKED');
    if (user.locked) return;
    if (!(await stores.users.update({ ...user, locked: true, updatedAt: clock.now() })))
      throw new AppError('CHANGED_MEANWHILE');
    const details = { connection: connection.name, before: { locked: false }, after: { locked: true } };
    await record(stores, { type: 'user.updated', target: userId, details });
  }
}

/** Beyond it, the number is told as «more than». */
const mostCounted = 1000;

function askForPeople({ name }: Connection, count: number): ContentError {
  const number = count > mostCounted ? `more than ${mostCounted}` : String(count);
  const message = `«${name}» has people who are linked to an account here (${number}). What is to become of the accounts?`;
  const mend = 'Add ?people=keep, ?people=lock or ?people=delete.';
  return new ContentError([createContentFinding('REQUIRED', '/people', message, mend)]);
}

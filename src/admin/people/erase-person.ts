import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../audit/event.ts';
import type { User } from '../../directory/user.ts';
import type { LoginId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { listAll } from '../paging.ts';
import { eraseFromScenarios } from './erase-from-scenarios.ts';
import { eraseAll, mapTexts } from './erase-texts.ts';
import { createMarks, gone, listPersonalValues, type Marks } from './person-marks.ts';

/**
 * Takes a person out of the record: what their sign-ins were told and said, and what is still to be told of them to others,
 * the details of the events about them, and their names, addresses, numbers and subjects wherever scenarios hold them,
 * those that versions keep too. That something happened, and when, stays; so does all that is about somebody else, but for
 * the name of this person in it. Must be called in the unit that deletes the account, before that is gone.
 */
export async function erasePerson(
  stores: Pick<Stores, 'scenarios' | 'audit' | 'logins' | 'tellings' | 'users'>,
  user: User,
): Promise<void> {
  const { audit, logins, tellings, users } = stores;
  const values = listPersonalValues(user, await users.listAssociations(user.id));
  const own = (await listAll((page) => logins.list({ ...page, userId: user.id }))).map(({ id }) => id);
  for (const id of own) await tellings.deleteByLogin(id);

  const about = await listAll((page) => audit.list({ ...page, target: user.id }));
  const ofOthers: AuditEvent[] = [];
  for (const loginId of own) {
    for (const event of await listAll((page) => audit.list({ ...page, loginId }))) {
      if (event.target === null) about.push(event);
      else if (event.target !== user.id) ofOthers.push(event);
    }
  }
  for (const event of about) {
    // Names and addresses that they had before are known from here alone.
    const details = eraseAll(event.details, (value) => values.push(value));
    await audit.replaceDetails(event.id, details as AuditEvent['details']);
  }
  // Somebody else's sign-in in which they took part has told the script of them, too. One on its way still needs to know.
  for (const id of new Set([...own, ...about.map(({ loginId }) => loginId as LoginId | null)])) {
    const login = id === null ? null : await logins.findById(id);
    if (login && (login.userId === user.id || login.endedAt !== null)) await logins.eraseJournal(login.id);
  }

  const marks = await createMarks(stores, user, values);
  ofOthers.push(...(await audit.listAboutNobody(marks.texts)));
  for (const event of ofOthers) {
    const details = eraseMarks(event, marks);
    if (!isDeepStrictEqual(details, event.details)) await audit.replaceDetails(event.id, details);
  }
  await eraseFromScenarios(stores, marks);
}

/** An event about nobody with their address or number for a value is of them alone; else a sentence is that names them. */
function eraseMarks({ target, details }: AuditEvent, marks: Marks): AuditEvent['details'] {
  let isOfThem = false;
  const erased = mapTexts(details, (text) => {
    const isTheirs = marks.isTheirs(text);
    isOfThem ||= isTheirs && target === null;
    return isTheirs || marks.standIn(text.value) ? gone : text.value;
  });
  return (isOfThem ? eraseAll(details) : erased) as AuditEvent['details'];
}

import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../audit/event.ts';
import { claims } from '../directory/claims.ts';
import type { Association, User } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';
import { isRecord } from '../kernel/json.ts';
import type { StoredScenario } from '../lab/scenario-types.ts';
import type { Stores } from '../stores.ts';
import { listAll } from './paging.ts';

/** Stands where a deleted person was named; nobody can be called so. */
const gone = '(deleted person)';

/** Words of scenarios and events that say nothing of a person, whoever is called by one of them. */
const ownWords = new Set([
  ...['outcome', 'idp', 'authenticator', 'action', 'result', 'code', 'kind', 'level', 'provisioning'],
  ...['session', 'reason', 'application', 'applicationId', 'connection', 'connectionId', 'userId', 'id', 'by'],
  ...['factor', 'type', 'proof', 'wish', 'cause', 'what', 'uri', 'origin', 'userStore', 'createdAt', 'updatedAt'],
]);

/**
 * Takes a person out of the record: what their sign-ins were told and said, and what is still to be told of them to others,
 * the details of the events about them, and their names, addresses, numbers and subjects wherever scenarios hold them,
 * those that versions keep too. That something happened, and when, stays. Must be called in the unit that deletes the account, before that is gone.
 */
export async function erasePerson(
  stores: Pick<Stores, 'scenarios' | 'audit' | 'logins' | 'tellings' | 'users'>,
  user: User,
): Promise<void> {
  const marks = collectMarks(user, await stores.users.listAssociations(user.id));
  const logins = await listAll((page) => stores.logins.list({ ...page, userId: user.id }));
  for (const { id } of logins) {
    await stores.logins.eraseJournal(id);
    await stores.tellings.deleteByLogin(id);
  }
  await eraseFromEvents(
    stores,
    user,
    logins.map(({ id }) => id),
    marks,
  );
  await eraseFromScenarios(stores, marks);
}

/** What a person is known by. */
interface Marks {
  usernames: Set<string>;
  /** As `foldCase` leaves them. What stands for one person alone: found inside of sentences too. */
  texts: Set<string>;
}

function collectMarks({ username, attributes }: User, associations: readonly Association[]): Marks {
  const marks: Marks = { usernames: new Set([username]), texts: new Set() };
  const find = (uri: string) => attributes.find((attribute) => attribute.uri === uri)?.value;
  const [given, last] = [find(claims.givenName), find(claims.lastName)];
  if (given && last) note(marks, claims.fullName, `${given} ${last}`);
  for (const { uri, value } of attributes) note(marks, uri, value);
  for (const { subject } of associations) note(marks, 'subject', subject);
  return marks;
}

/**
 * Mail addresses, telephone numbers, long ids: they name somebody wherever they stand. Other values do not, and what they
 * stand in is of others too: nobody's nickname «@» may take somebody else's events with it.
 */
const distinctive = /^[^\s@]+@[^\s@]+\.[^\s@]+$|(?:\d[ ()./-]*){6}/;
const longEnough = 6;

function note({ usernames, texts }: Marks, name: string, value: string): void {
  if (name === 'username') usernames.add(value);
  else if (distinctive.test(value) || (isNaming(name) && value.length >= longEnough)) texts.add(foldCase(value));
  else if (name === 'subject') usernames.add(value);
}

function isNaming(name: string): boolean {
  return name === 'subject' || name === claims.fullName;
}

/** As the database compares them, which knows no other letters. */
function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

async function eraseFromEvents(
  { audit }: Pick<Stores, 'audit'>,
  { id }: User,
  logins: readonly string[],
  marks: Marks,
): Promise<void> {
  const about = await listAll((page) => audit.list({ ...page, target: id }));
  for (const loginId of logins) about.push(...(await listAll((page) => audit.list({ ...page, loginId }))));
  for (const event of about) {
    // Names and addresses that they had before are known from here alone.
    const details = eraseAll(event.details, (name, value) => note(marks, name, value));
    await audit.replaceDetails(event.id, details as AuditEvent['details']);
  }
  for (const event of await audit.listAboutNobody([...marks.texts])) {
    await audit.replaceDetails(event.id, eraseAll(event.details) as AuditEvent['details']);
  }
}

/** All texts but our own words; numbers, and what is yes or no, tell of nobody. */
function eraseAll(value: unknown, erased: (name: string, value: string) => void = () => {}, name = ''): unknown {
  if (typeof value === 'string') {
    if (ownWords.has(name) || value === '') return value;
    erased(name, value);
    return gone;
  }
  return mapParts(value, (part, key) => eraseAll(part, erased, key ?? name));
}

async function eraseFromScenarios(
  { scenarios, audit }: Pick<Stores, 'scenarios' | 'audit'>,
  marks: Marks,
): Promise<void> {
  const isTheirs = createTest(marks);
  const inside = new RegExp([...marks.texts].map((text) => RegExp.escape(text)).join('|'), 'giu');
  const eraseText = (text: string) =>
    isTheirs(text) ? gone : marks.texts.size === 0 ? text : text.replace(inside, gone);

  function erase(value: unknown, name = ''): unknown {
    if (typeof value === 'string') return ownWords.has(name) ? value : eraseText(value);
    const theirs = isRecord(value) && namesThem(value, isTheirs);
    return mapParts(value, (part, key) =>
      theirs && (key === 'claims' || key === 'subject') ? eraseAll(part) : erase(part, key ?? name),
    );
  }

  for (const text of [...marks.usernames, ...marks.texts]) {
    for (const { id, version, items } of await scenarios.listWith(text)) {
      await scenarios.replace(id, version, nameApart(items.map((item) => eraseItem(item, erase, eraseText))));
    }
  }
  // These events list the names of scenarios.
  for (const event of await listAll((page) => audit.list({ ...page, type: 'flow.scenarios-saved' }))) {
    const details = erase(event.details) as AuditEvent['details'];
    if (!isDeepStrictEqual(details, event.details)) await audit.replaceDetails(event.id, details);
  }
}

function createTest({ usernames, texts }: Marks): (text: string) => boolean {
  const keys = new Set([...usernames].filter(isUsername).map(usernameKey));
  return (text) => texts.has(foldCase(text)) || (isUsername(text) && keys.has(usernameKey(text)));
}

function eraseItem(
  { name, ...content }: StoredScenario,
  erase: (value: unknown) => unknown,
  eraseText: (text: string) => string,
): StoredScenario {
  const erased = erase(content) as Omit<StoredScenario, 'name'>;
  return { name: eraseText(name), ...erased };
}

/** Two names may have differed by the person alone. */
function nameApart(items: readonly StoredScenario[]): StoredScenario[] {
  const taken = new Set<string>();
  return items.map((item) => {
    let { name } = item;
    for (let n = 2; taken.has(name); n++) name = `${item.name} ${n}`;
    taken.add(name);
    return { ...item, name };
  });
}

/** Is it about the person: a user, an account, an attempt of theirs? Then all of its claims are. */
function namesThem(value: Record<string, unknown>, isTheirs: (text: string) => boolean): boolean {
  return Object.entries(value).some(
    ([name, part]) =>
      (typeof part === 'string' && !ownWords.has(name) && isTheirs(part)) ||
      (name === 'claims' && isRecord(part) && namesThem(part, isTheirs)),
  );
}

function mapParts(value: unknown, change: (part: unknown, key: string | null) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => change(part, null));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part, key)]));
}

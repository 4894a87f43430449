import { claims } from '../../directory/claims.ts';
import type { Association, User } from '../../directory/user.ts';
import { isUsername, usernameKey } from '../../directory/usernames.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';

/** Stands where a deleted person was named; nobody can be called so. */
export const gone = '(deleted person)';

/** A value that a person has or had. */
export interface PersonalValue {
  /** Of its field, or a claim's URI. */
  name: string;
  value: string;
  /** The id of the connection at which it is a subject; null where nobody says so. */
  at: string | null;
}

/** What a person is known by, and nobody else. */
export interface Marks {
  /** What to look for where they may be named. */
  readonly texts: readonly string[];
  /** Is this whole value theirs? A user name is so in a field of user names alone, and a subject at its own connection. */
  isTheirs(value: PersonalValue): boolean;
  /** Does a mail address, a number, a long id or a full name of theirs stand in this text, and not a part of a longer one? */
  standIn(text: string): boolean;
  /** The text without those. */
  eraseFrom(text: string): string;
}

/** What somebody is known by now. What they were known by before stands in events about them alone. */
export function listPersonalValues(
  { username, attributes }: User,
  associations: readonly Association[],
): PersonalValue[] {
  const find = (uri: string) => attributes.find((attribute) => attribute.uri === uri)?.value;
  const [given, last] = [find(claims.givenName), find(claims.lastName)];
  return [
    { name: 'username', value: username, at: null },
    ...(given && last ? [{ name: claims.fullName, value: `${given} ${last}`, at: null }] : []),
    ...attributes.map(({ uri, value }) => ({ name: uri, value, at: null })),
    ...associations.map(({ subject, connectionId }) => ({ name: 'subject', value: subject, at: connectionId })),
  ];
}

/**
 * Mail addresses, telephone numbers, long ids: they name somebody wherever they stand. Other values do not, and what they
 * stand in is of others too: nobody's nickname «@» may take somebody else's events with it, nor may their day of birth.
 */
const distinctive = /^[^\s@]+@[^\s@]+\.[^\s@]+$|^(?=(?:\D*\d){6})(?:[\d +()./-]+|\S+)$/;
const date = /^\d{4}-\d\d-\d\d(?:T|$)/;
const longEnough = 6;

/** Fields that hold user names, and those that hold what a provider calls somebody. */
const usernameFields = /^(?:user|user_?name|preferred_?username|login_hint|identifier|args)$/i;
const subjectFields = /^(?:subject|sub|uniqueId|args)$/;

/** @param values whatever may be theirs; what somebody else has now is not */
export async function createMarks(
  { users }: Pick<Stores, 'users'>,
  { id }: Pick<User, 'id'>,
  values: Iterable<PersonalValue>,
): Promise<Marks> {
  const usernames = new Set<string>();
  const subjects = new Map<string, Set<string | null>>();
  const addresses = new Set<string>();
  const inside = new Set<string>();
  const different = new Map([...values].map((each) => [JSON.stringify([each.name, each.value, each.at]), each]));
  for (const each of different.values()) {
    const { name, at } = each;
    if (name !== 'username' && name !== 'subject' && !isDistinctive(each)) continue;
    if (await isAnothers(users, id, each)) continue;
    const value = each.value.normalize('NFC');
    if (name === 'username' && isUsername(value)) usernames.add(usernameKey(value));
    if (name === 'subject') subjects.set(value, (subjects.get(value) ?? new Set()).add(at));
    if (!isDistinctive(each)) continue;
    if (name !== 'subject') addresses.add(fold(value));
    inside.add(value);
  }
  const pattern = writePattern([...inside]);
  return {
    texts: [...inside].flatMap(writings).concat(...usernames, ...subjects.keys()),
    isTheirs({ name, value, at }) {
      if (addresses.has(fold(value))) return true;
      if (usernameFields.test(lastPart(name)) && isUsername(value) && usernames.has(usernameKey(value))) return true;
      const connections = subjects.get(value.normalize('NFC'));
      if (!connections) return false;
      return at === null ? subjectFields.test(name) : name === 'subject' && connections.has(at);
    },
    standIn: (text) => text.normalize('NFC').search(pattern) >= 0,
    eraseFrom(text) {
      const plain = text.normalize('NFC');
      return plain.search(pattern) >= 0 ? plain.replace(pattern, gone) : text;
    },
  };
}

function isDistinctive({ name, value }: PersonalValue): boolean {
  if (name === 'username' || date.test(value)) return false;
  const isNaming = name === 'subject' || name === claims.fullName;
  return distinctive.test(value) || (isNaming && value.length >= longEnough);
}

/** A name or an address may have been given to somebody else since, and a family shares its telephone. */
async function isAnothers(
  users: Stores['users'],
  id: User['id'],
  { name, value, at }: PersonalValue,
): Promise<boolean> {
  if (name === 'subject') {
    const linked = at === null ? null : await users.findAssociation(at as ConnectionId, value);
    return linked !== null && linked.userId !== id;
  }
  const named = isUsername(value) ? await users.findByUsernameKey(usernameKey(value)) : null;
  if (named && named.id !== id) return true;
  for (const uri of new Set([name, claims.email, claims.mobile, claims.fullName])) {
    const found = await users.findByAttributes([{ uri, value }], 2);
    if (found.some((user) => user.id !== id)) return true;
  }
  return false;
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Also as it stands in the query of a URL. */
function writings(text: string): string[] {
  const encoded = encodeURIComponent(text);
  return encoded === text ? [text] : [text, encoded];
}

const letter = '[\\p{L}\\p{M}\\p{N}]';

/** What makes a longer word, address or number of two: `ann@example.com` is no part of `jo.ann@example.com.au`. */
function writePattern(texts: readonly string[]): RegExp {
  const found = texts
    .flatMap((text) => writings(text.normalize('NFC')))
    // Of two that begin alike, the longer one.
    .sort((a, b) => b.length - a.length)
    .map((text) => {
      const [begins, ends] = [/^[\p{L}\p{M}\p{N}]/u.test(text), /[\p{L}\p{M}\p{N}]$/u.test(text)];
      const before = begins ? `(?:(?<!${letter}[._+@'-]*)|(?<=%[0-9a-f]{2}))` : '';
      return `${before}${RegExp.escape(text)}${ends ? `(?![._+@-]*${letter})` : ''}`;
    });
  return new RegExp(found.join('|') || '(?!)', 'giu');
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

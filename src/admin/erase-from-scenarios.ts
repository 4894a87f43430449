import { claims } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';
import type { StoredScenario } from '../lab/scenario-types.ts';
import type { Stores } from '../stores.ts';

/** Stands where a deleted person was named; nobody can be called so. */
const gone = '(deleted person)';

/** Words of the scenario's own, whoever is called by one of them. */
const ownWords = new Set([
  'outcome',
  'idp',
  'authenticator',
  'action',
  'result',
  'code',
  'kind',
  'level',
  'provisioning',
]);

/** Takes a person's user name and addresses out of all scenarios, also of those that versions keep. */
export async function eraseFromScenarios(
  { scenarios }: Pick<Stores, 'scenarios'>,
  { username, usernameKey: key, attributes }: User,
): Promise<void> {
  const addresses = attributes.filter(({ uri }) => uri === claims.email).map(({ value }) => value.toLowerCase());
  const isTheirs = (text: string) =>
    addresses.includes(text.toLowerCase()) || (isUsername(text) && usernameKey(text) === key);
  for (const text of [username, ...addresses]) {
    for (const { id, version, items } of await scenarios.listWith(text)) {
      const erased = items.map(
        (item): StoredScenario => ({ ...(erase(item, isTheirs) as StoredScenario), name: item.name }),
      );
      await scenarios.replace(id, version, erased);
    }
  }
}

function erase(value: unknown, isTheirs: (text: string) => boolean): unknown {
  if (typeof value === 'string') return isTheirs(value) ? gone : value;
  if (Array.isArray(value)) return value.map((item) => erase(item, isTheirs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [
      name,
      ownWords.has(name) && typeof of === 'string' ? of : erase(of, isTheirs),
    ]),
  );
}

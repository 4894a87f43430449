import { claimName, claimUri, isAttributeClaim, readClaims, writeClaim } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { type LoginId, newId, type UserId } from '../kernel/ids.ts';
import { mapClaims } from '../provisioning/map-claims.ts';
import { mapGroups, readRemoteGroups } from '../provisioning/map-groups.ts';
import { subjectWithoutAccount } from '../provisioning/subject.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { People, PersonView, ScriptWorld } from '../script-api/world.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';

export const tenantDomain = 'carbon.super';
export const userStoreDomain = 'PRIMARY';

/** What the functions of a live login's script act on, within one unit of work. */
export interface LiveWorld {
  stores: Pick<Stores, 'users' | 'connections' | 'audit'>;
  facts: Facts;
  loginId: LoginId;
  box: Pick<CryptoBox, 'mac'>;
  now: number;
}

export function createLiveWorld(live: LiveWorld): ScriptWorld {
  return { people: createPeople(live) };
}

/** The people of the login, in the directory. */
function createPeople({ stores, facts, loginId, box, now }: LiveWorld): People {
  async function findAccount(ref: string): Promise<User | null> {
    const federated = facts.federated.get(ref);
    if (!federated) return stores.users.findById(ref as UserId);
    const known = facts.accounts.get(ref);
    if (known) return stores.users.findById(known);
    const association = await stores.users.findAssociation(federated.connectionId, federated.subject);
    return association && stores.users.findById(association.userId);
  }

  /** Only people of this login: a script cannot reach others by their id. */
  function checkKnown(ref: string): void {
    if (!facts.found.has(ref) && !facts.passed.some(({ user }) => user === ref)) {
      throw new ScriptCallError('A user object of this sign-in was expected, and another one was given.');
    }
  }

  return {
    async get(ref) {
      checkKnown(ref);
      const user = await findAccount(ref);
      const federated = facts.federated.get(ref);
      if (!federated) {
        if (user) return viewAccount(ref, user);
        const claimed = facts.passed.find((step) => step.user === ref && 'claimed' in step.person);
        if (!claimed || !('claimed' in claimed.person)) throw new ScriptCallError('The person’s account is gone.');
        return viewName(ref, claimed.person.claimed.identifier);
      }
      const connection = await stores.connections.findById(federated.connectionId);
      const remoteGroups = connection ? readRemoteGroups(connection, federated.claims) : [];
      const mappedGroups = connection ? mapGroups(connection, federated.claims).groups : [];
      if (user) {
        const view = viewAccount(ref, user);
        return { ...view, groups: unique([...view.groups, ...remoteGroups]), remoteClaims: federated.claims };
      }
      const localClaims = connection ? mapClaims(connection, federated.claims) : {};
      for (const { uri, value } of facts.writes.get(ref) ?? []) {
        if (value === null) delete localClaims[uri];
        else localClaims[uri] = value;
      }
      return {
        ref,
        identifier: federated.subject,
        uniqueId: subjectWithoutAccount(box, federated.connectionId, federated.subject),
        username: nameOf(federated.claims) ?? federated.subject,
        userStoreDomain,
        tenantDomain,
        roles: [],
        groups: unique([...remoteGroups, ...mappedGroups]),
        localClaims,
        remoteClaims: federated.claims,
      };
    },

    async writeClaim(ref, name, value) {
      checkKnown(ref);
      const uri = claimUri(name);
      if (!isAttributeClaim(uri)) throw new ScriptCallError(`The claim ${claimName(uri)} cannot be written.`);
      const user = await findAccount(ref);
      // Somebody without an account: the entry itself keeps the value, and the account gets it when it is made.
      if (user) await writeToAccount(stores, user, [{ uri, value }], { loginId, now });
    },
  };
}

/** Writes claims on behalf of a script, with an event. Must be called in the unit of the journal entry. */
export async function writeToAccount(
  { users, audit }: Pick<Stores, 'users' | 'audit'>,
  user: User,
  writes: readonly { uri: string; value: string | null }[],
  { loginId, now }: { loginId: LoginId; now: number },
): Promise<void> {
  const before = readClaims(user);
  const after = writes.reduce((account, { uri, value }) => writeClaim(account, uri, value, 'script'), user);
  if (after === user) return;
  if (!(await users.update({ ...after, updatedAt: now }))) {
    throw new ScriptCallError('The account was changed by somebody else at the same moment.');
  }
  const changes = writes.map(({ uri, value }) => ({ what: uri, before: before[uri] ?? null, after: value }));
  await audit.append({
    id: newId('event'),
    at: now,
    type: 'user.updated',
    actor: 'script',
    target: user.id,
    loginId,
    reference: null,
    code: null,
    details: { changes },
  });
}

function viewAccount(ref: string, user: User): PersonView {
  return {
    ref,
    identifier: user.username,
    uniqueId: user.id,
    username: user.username,
    userStoreDomain: user.userStore,
    tenantDomain,
    roles: user.roles.map(({ name }) => name),
    groups: user.groups.map(({ name }) => name),
    localClaims: readClaims(user),
    remoteClaims: null,
  };
}

/** Somebody who was only named, with a name that no account has. */
function viewName(ref: string, identifier: string): PersonView {
  return {
    ref,
    identifier,
    uniqueId: '',
    username: identifier,
    userStoreDomain,
    tenantDomain,
    roles: [],
    groups: [],
    localClaims: {},
    remoteClaims: null,
  };
}

function nameOf(claims: Record<string, unknown>): string | null {
  const name = claims['preferred_username'] ?? claims['email'];
  return typeof name === 'string' && name ? name : null;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}

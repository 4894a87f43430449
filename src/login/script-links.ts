import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';
import { newId, type UserId } from '../kernel/ids.ts';
import type { Links, LinkTarget, People } from '../script-api/world.ts';
import type { Facts } from './facts.ts';
import { type LiveWorld, tenantDomain } from './world.ts';

/** Linked accounts, as a login's script finds and changes them. Each change, and each refusal, is an event. */
export function createLinks(
  { stores, facts, loginId, now }: Pick<LiveWorld, 'stores' | 'facts' | 'loginId' | 'now'>,
  people: People,
): Links {
  const { users, connections, audit } = stores;

  function record(type: string, target: UserId | null, details: Record<string, unknown>): Promise<void> {
    const common = { id: newId('event'), at: now, actor: 'script' as const, loginId, reference: null, code: null };
    return audit.append({ ...common, type, target, details: { by: 'script', ...details } });
  }

  async function refuse(wish: 'link' | 'unlink', of: FederatedPerson | null, reason: string): Promise<false> {
    const about = of && { connectionId: of.connectionId, subject: of.subject };
    await record('association.refused', null, { ...about, wish, reason });
    return false;
  }

  async function findLinked({ connectionId, subject }: FederatedPerson): Promise<User | null> {
    const association = await users.findAssociation(connectionId, subject);
    return association && users.findById(association.userId);
  }

  return {
    async find(ref) {
      await people.get(ref);
      const federated = facts.federated.get(ref);
      const user = federated ? await findLinked(federated) : null;
      return user?.id ?? null;
    },

    async make(ref, to) {
      await people.get(ref);
      const federated = facts.federated.get(ref);
      if (!federated) return refuse('link', null, 'The person did not come from a connection.');
      const { connectionId, subject } = federated;
      const no = (reason: string) => refuse('link', federated, reason);
      const connection = await connections.findById(connectionId);
      if (!connection?.enabled) return no('The connection is disabled or gone.');
      const user = isUsername(to.username) ? await users.findByUsernameKey(usernameKey(to.username)) : null;
      if (!user || !isAt(user, to)) return no('There is no account of this name.');
      const linked = await findLinked(federated);
      if (linked?.id === user.id) return true;
      if (linked) return no(`The person is linked to the account ${linked.id}.`);
      const fault =
        findLinkFault(facts, ref, connection, { ...user, hasApp: await hasApp(users, user) }) ??
        ((await users.listAssociations(user.id)).some((link) => link.connectionId === connectionId)
          ? 'The account is linked to another person of this connection.'
          : null);
      if (fault !== null) return no(fault);
      const after = { connectionId, subject, userId: user.id };
      await users.insertAssociation({ ...after, createdAt: now });
      const proof = hasPassed(facts, user.id) ? 'step' : connection.jit.linking.proof;
      const about = { connection: connection.name, connectionId, subject };
      await record('association.created', user.id, { ...about, proof, before: null, after });
      return true;
    },

    async remove(ref) {
      await people.get(ref);
      const federated = facts.federated.get(ref);
      if (!federated) return refuse('unlink', null, 'The person did not come from a connection.');
      const { connectionId, subject } = federated;
      const no = (reason: string) => refuse('unlink', federated, reason);
      const connection = await connections.findById(connectionId);
      if (!connection?.enabled) return no('The connection is disabled or gone.');
      const user = await findLinked(federated);
      if (!user) return no('The person is linked to no account.');
      const fault = findUnlinkFault(facts, ref, user);
      if (fault !== null) return no(fault);
      await users.deleteAssociation(connectionId, subject);
      const before = { connectionId, subject, userId: user.id };
      const about = { connection: connection.name, connectionId, subject };
      await record('association.removed', user.id, { ...about, before, after: null });
      return true;
    },
  };
}

/**
 * Why a script may not link this person of a connection to this account; null when it may. A link opens a door that asks for
 * nothing of the account any more: its owner must have shown just now that it is theirs, with all that it is protected by.
 */
export function findLinkFault(
  facts: Facts,
  ref: string,
  { jit }: Pick<Connection, 'jit'>,
  account: Pick<User, 'locked' | 'disabled'> & { id: string; hasApp: boolean },
): string | null {
  if (facts.accounts.has(ref) || facts.accountless.has(ref)) return 'It was settled already whose account it is.';
  if (account.locked || account.disabled) return 'The account is locked or disabled.';
  if (jit.linking.proof === 'TRUST_CONNECTION') return null;
  if (!hasPassed(facts, account.id)) return 'The account’s owner has passed no step of this sign-in that proves it.';
  return account.hasApp && !hasPassed(facts, account.id, 'totp')
    ? 'The account has an authenticator app, and its owner has not passed it in this sign-in.'
    : null;
}

/** Why a script may not unlink this person of a connection; null when it may. */
export function findUnlinkFault(
  facts: Facts,
  ref: string,
  { locked, disabled }: Pick<User, 'locked' | 'disabled'>,
): string | null {
  if (facts.accounts.has(ref)) return 'A step of this sign-in has needed the account already, or a session knew it.';
  return locked || disabled ? 'The account is locked or disabled.' : null;
}

/** Has the account's owner shown in this sign-in, rather than in an earlier one, that it is theirs? */
function hasPassed({ passed }: Facts, userId: string, by?: string): boolean {
  return passed.some(
    ({ proves, person, authenticator, reused }) =>
      proves && !reused && 'userId' in person && person.userId === userId && (by === undefined || authenticator === by),
  );
}

async function hasApp(users: LiveWorld['stores']['users'], { id }: User): Promise<boolean> {
  return (await users.listFactors(id)).some(({ type }) => type === 'totp');
}

/** What is not said is ours. */
export function isAt({ userStore }: Pick<User, 'userStore'>, at: LinkTarget): boolean {
  const tenant = at.tenantDomain || tenantDomain;
  const store = at.userStoreDomain || userStore;
  return tenant.toLowerCase() === tenantDomain && store.toUpperCase() === userStore.toUpperCase();
}

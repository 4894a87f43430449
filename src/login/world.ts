import { claimName, claimUri, isAttributeClaim, readClaims } from '../directory/claims.ts';
import { findByClaims, unqualified } from '../directory/find-by-claims.ts';
import { findByIdentifier } from '../directory/find-by-identifier.ts';
import { isAdministrationRole } from '../directory/role.ts';
import type { Throttling } from '../directory/throttling.ts';
import type { User } from '../directory/user.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ApplicationId, LoginId } from '../kernel/ids.ts';
import { mapClaims } from '../provisioning/map-claims.ts';
import { subjectWithoutAccount } from '../provisioning/subject.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { People, PersonView, Roles, ScriptWorld } from '../script-api/world.ts';
import type { Stores } from '../stores.ts';
import type { EndAccess } from './end-access.ts';
import type { Facts } from './facts.ts';
import { checkKnown, findAccountByRef } from './find-account.ts';
import type { PublishedFlow } from './flow.ts';
import type { AuthenticatorRegistry } from './options.ts';
import { listGroups } from './read-groups.ts';
import { changeAccount } from './script-changes.ts';
import { createCookies } from './script-cookies.ts';
import { createLinks } from './script-links.ts';
import { createMails, type ScriptMailDeps } from './script-mails.ts';
import { setPassword } from './script-passwords.ts';
import { createSessions } from './script-sessions.ts';
import { createSecrets } from './secrets.ts';

export const tenantDomain = 'carbon.super';
export const userStoreDomain = 'PRIMARY';

/** What the functions of a live login's script act on, within one unit of work. */
export interface LiveWorld {
  stores: Pick<
    Stores,
    | 'users'
    | 'roles'
    | 'connections'
    | 'audit'
    | 'secrets'
    | 'sessions'
    | 'owedLogouts'
    | 'upstreamSessions'
    | 'applications'
    | 'artifacts'
    | 'outbox'
    | 'throttle'
    | 'logins'
  >;
  facts: Facts;
  flow: PublishedFlow;
  mails: ScriptMailDeps;
  throttling: Throttling;
  endAccess: EndAccess;
  loginId: LoginId;
  applicationId: ApplicationId;
  box: CryptoBox;
  authenticators: AuthenticatorRegistry;
  /** Without a trailing slash. */
  publicUrl: string;
  now: number;
}

export function createLiveWorld(live: LiveWorld): ScriptWorld {
  const people = createPeople(live);
  const secrets = createSecrets({ ...live, beganAt: live.facts.start.at });
  return {
    people,
    links: createLinks(live, people),
    roles: createRoles(live),
    secrets,
    sessions: createSessions(live, people),
    cookies: createCookies(live),
    mails: createMails(live, people),
  };
}

function createRoles({ stores, applicationId }: LiveWorld): Roles {
  return {
    exists: async (name, audience) =>
      (await stores.roles.findByName(name, audience === 'application' ? applicationId : null)) !== null,
    isAdministration: isAdministrationRole,
  };
}

/** The people of the login, in the directory. None of it asks what the flow offers. */
function createPeople(live: Omit<LiveWorld, 'flow'>): People {
  const { stores, facts, loginId, applicationId, box, now } = live;
  const findAccount = (ref: string) => findAccountByRef(stores, facts, ref);

  return {
    subject: facts.subject?.ref ?? null,

    async get(ref) {
      checkKnown(facts, ref);
      const user = await findAccount(ref);
      const federated = facts.federated.get(ref);
      if (!federated) {
        if (user) return viewAccount(ref, user, applicationId);
        const claimed = facts.passed.find((step) => step.user === ref && 'claimed' in step.person);
        if (!claimed || !('claimed' in claimed.person)) throw new ScriptCallError('The person’s account is gone.');
        return viewName(ref, claimed.person.claimed.identifier);
      }
      const connection = await stores.connections.findById(federated.connectionId);
      const groups = listGroups(user, { connection, claims: federated.claims });
      if (user) return { ...viewAccount(ref, user, applicationId), groups, remoteClaims: federated.claims };
      const localClaims = connection ? mapClaims(connection, federated.claims) : {};
      for (const { uri, value } of facts.writes.get(ref) ?? []) {
        if (value === null) delete localClaims[uri];
        else localClaims[uri] = value;
      }
      return {
        ref,
        identifier: federated.subject,
        uniqueId: subjectWithoutAccount(box, federated),
        username: nameOf(federated.claims) ?? federated.subject,
        userStoreDomain,
        tenantDomain,
        roles: [],
        applicationRoles: [],
        groups,
        localClaims,
        remoteClaims: federated.claims,
      };
    },

    async writeClaim(ref, name, value) {
      checkKnown(facts, ref);
      const uri = claimUri(name);
      if (!isAttributeClaim(uri)) throw new ScriptCallError(`The claim ${claimName(uri)} cannot be written.`);
      const user = await findAccount(ref);
      // Somebody without an account: the entry itself keeps the value, and the account gets it when it is made.
      if (user) await changeAccount(stores, user, { writes: [{ uri, value }] }, { loginId, applicationId, now });
    },

    async changeRoles(ref, change) {
      checkKnown(facts, ref);
      const user = await findAccount(ref);
      if (user) {
        await changeAccount(stores, user, { roles: [change] }, { loginId, applicationId, now });
        return true;
      }
      const federated = facts.federated.get(ref);
      const connection = federated && (await stores.connections.findById(federated.connectionId));
      return Boolean(connection?.jit.enabled) && !facts.skipsProvisioning;
    },

    async setPassword(ref, hash) {
      checkKnown(facts, ref);
      return setPassword(live, await findAccount(ref), hash);
    },

    async findUsername(typed) {
      return (await findByIdentifier(stores.users, unqualified(typed)))?.username ?? null;
    },

    async search(wanted, limit) {
      return (await findByClaims(stores.users, wanted, limit)).map(({ id }) => id);
    },
  };
}

function viewAccount(ref: string, user: User, applicationId: ApplicationId): PersonView {
  return {
    ref,
    identifier: user.username,
    uniqueId: user.id,
    username: user.username,
    userStoreDomain: user.userStore,
    tenantDomain,
    roles: user.roles.map(({ name }) => name),
    applicationRoles: namesIn(user, applicationId),
    groups: user.groups.map(({ name }) => name),
    localClaims: readClaims(user),
    remoteClaims: null,
  };
}

/** The roles that somebody has in an application. */
export function namesIn({ applicationRoles }: Pick<User, 'applicationRoles'>, applicationId: ApplicationId): string[] {
  return applicationRoles.filter((one) => one.applicationId === applicationId).map(({ name }) => name);
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
    applicationRoles: [],
    groups: [],
    localClaims: {},
    remoteClaims: null,
  };
}

function nameOf(claims: Record<string, unknown>): string | null {
  const name = claims['preferred_username'] ?? claims['email'];
  return typeof name === 'string' && name ? name : null;
}

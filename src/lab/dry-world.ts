import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { claims, claimUri, readClaims } from '../directory/claims.ts';
import { byUri, unqualified } from '../directory/find-by-claims.ts';
import { isAdministrationRole } from '../directory/role.ts';
import type { User } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';
import { findVerifiedAddress, mailClaim } from '../directory/verified-address.ts';
import type { ApplicationId } from '../kernel/ids.ts';
import type { Facts } from '../login/facts.ts';
import { isPassed } from '../login/remembered.ts';
import { findLinkFault, findUnlinkFault, isAt } from '../login/script-links.ts';
import { readMailTemplate } from '../login/script-mails.ts';
import { findPasswordFault } from '../login/script-passwords.ts';
import { tenantDomain } from '../login/world.ts';
import { mapClaims } from '../provisioning/map-claims.ts';
import { mapGroups, readRemoteGroups } from '../provisioning/map-groups.ts';
import { noSessions, secretsWithoutValue } from '../script-api/fakes.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type {
  Cookies,
  Links,
  LinkTarget,
  Mails,
  People,
  PersonView,
  Preparation,
  RoleChange,
  Roles,
  ScriptWorld,
} from '../script-api/world.ts';
import { holdsTyped } from '../secrets/placeholder.ts';
import type { CanPass } from './dry-factors.ts';
import type { DryRunRequest, ScenarioAttempt } from './dry-run-types.ts';

export type ScenarioUser = Exclude<ScenarioAttempt['user'], string | undefined>;

/** A person as the scenario has them: made up, stored, or from a connection (with an account, stored or planned, or without). */
export type DryPerson =
  | { kind: 'local'; user: User | ScenarioUser }
  | {
      kind: 'federated';
      federated: FederatedPerson;
      connection: Connection;
      account: PersonAccount | null;
      /** Whose the account is. */
      owner: User | ScenarioUser | null;
    };

/** As much of an account as a script can see. */
export interface PersonAccount {
  id: string;
  username: string;
  claims: Record<string, string>;
  roles: string[];
  /** Null: of whatever application it is. A scenario's people have their roles both ways. */
  applicationRoles: { name: string; applicationId: ApplicationId | null }[];
  groups: string[];
  /** Is there a verified address? That of made-up people counts as one. */
  takesMail: boolean;
}

export function viewUser(user: User): PersonAccount {
  return {
    id: user.id,
    username: user.username,
    claims: readClaims(user),
    roles: user.roles.map(({ name }) => name),
    applicationRoles: user.applicationRoles,
    groups: user.groups.map(({ name }) => name),
    takesMail: findVerifiedAddress(user) !== null,
  };
}

/** The people of a dry run: reads answer from the scenario, and writes stay in here. */
export function createDryWorld(
  {
    applicationId,
    roleExists,
    secretExists,
    findByClaims,
    findUser,
    flow,
    scenario,
  }: Pick<
    DryRunRequest,
    'applicationId' | 'roleExists' | 'secretExists' | 'findByClaims' | 'findUser' | 'flow' | 'scenario'
  >,
  { readFacts, canPass }: { readFacts: () => Facts; canPass: CanPass | undefined },
): ScriptWorld &
  Preparation & {
    meet(ref: string, person: DryPerson): void;
    find(ref: string): DryPerson | null;
  } {
  const people = new Map<string, DryPerson>();
  const brought = new Map(Object.entries(scenario.request?.cookies ?? {}));
  const writes = new Map<string, Map<string, string | null>>();
  const roleChanges = new Map<string, RoleChange[]>();

  function getMet(ref: string): DryPerson {
    const person = people.get(ref);
    if (!person) throw new ScriptCallError('A user object of this sign-in was expected, and another one was given.');
    return person;
  }

  function overlay(ref: string, claims: Record<string, string>): Record<string, string> {
    const result = { ...claims };
    for (const [uri, value] of writes.get(ref) ?? []) {
      if (value === null) delete result[uri];
      else result[uri] = value;
    }
    return result;
  }

  function changed(ref: string, audience: RoleChange['audience'], before: readonly string[]): string[] {
    return (roleChanges.get(ref) ?? [])
      .filter((change) => change.audience === audience)
      .reduce(
        (names: string[], { verb, roles }) => {
          const others = names.filter((name) => !roles.includes(name));
          return verb === 'give' ? [...others, ...roles] : others;
        },
        [...before],
      );
  }

  function readAccount(person: DryPerson): PersonAccount | null {
    return person.kind === 'local' ? accountOf(person.user) : person.account;
  }

  const port: People = {
    get subject() {
      return readFacts().subject?.ref ?? null;
    },
    async get(ref) {
      const person = getMet(ref);
      const account = readAccount(person);
      const inApplication = (account?.applicationRoles ?? [])
        .filter((one) => one.applicationId === null || one.applicationId === applicationId)
        .map(({ name }) => name);
      const remote = person.kind === 'federated' ? person : null;
      const remoteClaims = remote?.federated.claims ?? null;
      const groups = remote ? readRemoteGroups(remote.connection, remote.federated.claims) : [];
      const mapped = remote && !account ? mapGroups(remote.connection, remote.federated.claims).groups : [];
      const claims = account?.claims ?? (remote ? mapClaims(remote.connection, remote.federated.claims) : {});
      const name = account?.username ?? textOf(remoteClaims?.['preferred_username']) ?? textOf(remoteClaims?.['email']);
      return {
        ref,
        identifier: account?.username ?? remote?.federated.subject ?? ref,
        uniqueId: account?.id ?? ref,
        username: name ?? remote?.federated.subject ?? ref,
        userStoreDomain: 'PRIMARY',
        tenantDomain,
        roles: changed(ref, 'organisation', account?.roles ?? []),
        applicationRoles: changed(ref, 'application', inApplication),
        groups: [...new Set([...(account?.groups ?? []), ...groups, ...mapped])],
        localClaims: overlay(ref, claims),
        remoteClaims,
      } satisfies PersonView;
    },
    async writeClaim(ref, uri, value) {
      getMet(ref);
      const own = writes.get(ref) ?? new Map<string, string | null>();
      writes.set(ref, own.set(claimUri(uri), value));
    },
    async changeRoles(ref, change) {
      const person = getMet(ref);
      roleChanges.set(ref, [...(roleChanges.get(ref) ?? []), change]);
      return readAccount(person) !== null || (person.kind === 'federated' && person.connection.jit.enabled);
    },
    async setPassword(ref) {
      if (readAccount(getMet(ref))) return null;
      return { code: 'PASSWORD_NOT_SET', params: {}, detail: 'The person has no account.' };
    },
    async findUsername(typed) {
      const met = [...people.values()].map(readAccount).filter((account) => account !== null);
      const known = met.find(
        ({ username, claims, takesMail }) => username === typed || (takesMail && claims[mailClaim] === typed),
      );
      if (known) return known.username;
      const named = await findUser(typed);
      const [holder] = named
        ? []
        : ((await findByClaims?.({ [mailClaim]: typed }, 2)) ?? []).filter(findVerifiedAddress);
      return (named ?? holder)?.username ?? null;
    },
    async search(wanted, limit) {
      const { [claims.username]: qualified, ...attributes } = byUri(wanted);
      const username = qualified === undefined ? null : unqualified(qualified);
      const fits = (ref: string, account: PersonAccount | null) => {
        if (account === null || (username !== null && !isNamed(account.username, username))) return false;
        const own: Record<string, string> = { ...overlay(ref, account.claims), [claims.userId]: account.id };
        return Object.entries(attributes).every(([uri, value]) => own[uri] === value);
      };
      const met = [...people].filter(([ref, person]) => fits(ref, readAccount(person))).map(([ref]) => ref);
      const named = username === null ? null : await findUser(username);
      const stored = username === null ? ((await findByClaims?.(wanted, limit)) ?? []) : named ? [named] : [];
      for (const user of stored) if (!people.has(user.id)) people.set(user.id, { kind: 'local', user });
      const found = stored.filter((user) => username === null || fits(user.id, viewUser(user))).map(({ id }) => id);
      return [...new Set([...met, ...found])].slice(0, limit);
    },
  };

  /** The account's owner, met already or stored, by the name of the account. */
  async function findOwner(to: LinkTarget): Promise<User | ScenarioUser | null> {
    const met = [...people.values()].flatMap((person) => (person.kind === 'local' ? [person.user] : []));
    const owner = met.find(({ username }) => username === to.username) ?? (await findUser(to.username));
    return owner && isAt({ userStore: 'userStore' in owner ? owner.userStore : 'PRIMARY' }, to) ? owner : null;
  }

  const links: Links = {
    async find(ref) {
      const person = getMet(ref);
      if (person.kind === 'local' || !person.owner) return null;
      const { id } = accountOf(person.owner);
      if (!people.has(id)) people.set(id, { kind: 'local', user: person.owner });
      return id;
    },
    async make(ref, to) {
      const person = getMet(ref);
      const owner = await findOwner(to);
      if (person.kind === 'local' || !person.connection.enabled || !owner) return false;
      const account = accountOf(owner);
      if (person.account) return person.account.id === account.id;
      const stored = 'attributes' in owner ? owner : null;
      const { locked, disabled } = stored ?? { locked: false, disabled: false };
      const hasApp = stored
        ? await canPass?.('totp', stored)
        : !('factors' in owner) || owner.factors?.includes('totp');
      const fault = findLinkFault(readFacts(), ref, person.connection, {
        id: account.id,
        locked,
        disabled,
        hasApp: hasApp === true,
      });
      if (fault === null) people.set(ref, { ...person, account, owner });
      return fault === null;
    },
    async remove(ref) {
      const person = getMet(ref);
      if (person.kind === 'local' || !person.connection.enabled || !person.owner) return false;
      const { locked, disabled } = 'attributes' in person.owner ? person.owner : { locked: false, disabled: false };
      const fault = findUnlinkFault(readFacts(), ref, { locked, disabled });
      if (fault === null) people.set(ref, { ...person, account: null, owner: null });
      return fault === null;
    },
  };

  return {
    meet(ref, person) {
      people.set(ref, person);
    },
    find: (ref) => people.get(ref) ?? null,
    people: port,
    async hashPassword(ref, password, { skipRules }) {
      const account = readAccount(getMet(ref));
      // What a person types is not known here, and counts as good enough.
      const names = account ? [account.username] : [];
      const fault = holdsTyped(password) ? null : findPasswordFault(password, names, skipRules);
      return fault ? { refusal: fault } : { hash: '' };
    },
    links,
    sessions: noSessions.make({
      steps: flow.steps.length,
      checkPerson: getMet,
      passed: (step) => isPassed(readFacts(), step),
    }),
    // Whatever the scenario's browser brings counts as what was demanded.
    cookies: {
      set: async () => {},
      get: async (name) => brought.get(name) ?? null,
    } satisfies Cookies,
    mails: {
      async send(ref, name) {
        readMailTemplate(flow, name);
        const account = readAccount(getMet(ref));
        // An address that the script has written is not proven any more.
        return account?.takesMail === true && !writes.get(ref)?.has(mailClaim);
      },
    } satisfies Mails,
    roles: { exists: roleExists ?? (async () => true), isAdministration: isAdministrationRole } satisfies Roles,
    secrets: secretsWithoutValue.make({ exists: secretExists }),
  };
}

export function accountOf(user: User | ScenarioUser): PersonAccount {
  if ('attributes' in user) return viewUser(user);
  const { username, uniqueId = `scenario:${username}`, claims = {}, roles = [], groups = [] } = user;
  const own = byUri(claims);
  const applicationRoles = roles.map((name) => ({ name, applicationId: null }));
  const takesMail = Boolean(own[mailClaim]);
  return { id: uniqueId, username, claims: own, roles, applicationRoles, groups, takesMail };
}

function isNamed(name: string, typed: string): boolean {
  return isUsername(typed) && isUsername(name) && usernameKey(typed) === usernameKey(name);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import { usernameKey } from '../directory/usernames.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError, type ErrorCode, isErrorCode } from '../kernel/errors.ts';
import { type LoginId, newId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import { chooseUsername } from './choose-username.ts';
import { expectResult, type Plan, planProvisioning } from './plan.ts';
import type { ProvisioningResult } from './provision.ts';
import { subjectWithoutAccount } from './subject.ts';
import { shortHash } from './wish-username.ts';

type NeededStores = Pick<Stores, 'audit' | 'connections' | 'users'>;

export interface ProvisioningRequest {
  person: FederatedPerson;
  now: number;
  /** The login that it is for, for the record. */
  loginId: LoginId | null;
  /** The script asked for no provisioning in this login. */
  skip?: boolean;
  box: Pick<CryptoBox, 'mac'>;
}

/**
 * Gives a person from a connection their account, or brings it up to date: account, association, attributes, groups and
 * audit events, all in the caller's unit. Connection and account are read here, so that the plan is always made from what
 * is so now: of many callers for one person the first makes the account, and the others find it. A result that is
 * `refused` or `failed` has written nothing but its event.
 *
 * @throws AppError CONFLICT or CHANGED_MEANWHILE where the database lets units run side by side and this one lost a race:
 *   run in a unit of its own again, it finds the winner's account.
 */
export async function applyProvisioning(
  stores: NeededStores,
  request: ProvisioningRequest,
): Promise<ProvisioningResult> {
  const { person, now } = request;
  const connection = await stores.connections.findById(person.connectionId);
  const association = await stores.users.findAssociation(person.connectionId, person.subject);
  const known = association && (await stores.users.findById(association.userId));
  if (!connection?.enabled) {
    const name = connection ? `«${connection.name}»` : person.connectionId;
    const problem = { code: 'CONNECTION_DISABLED', detail: `The connection is ${name}.` } as const;
    return refuse(stores, request, { result: 'refused', userId: known?.id ?? null, changes: [], problem });
  }

  const plan = planProvisioning({ connection, person, known, now, ...(request.skip ? { skip: true } : {}) });
  switch (plan.kind) {
    case 'create':
      return createAccount(stores, request, connection, plan);
    case 'update':
      return updateAccount(stores, request, connection, plan);
    case 'keep':
      return expectResult(plan);
    case 'refuse':
      return refuse(stores, request, expectResult(plan));
  }
}

async function createAccount(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  plan: Plan & { kind: 'create' },
): Promise<ProvisioningResult> {
  const { person, now } = request;
  const username = await chooseUsername(stores.users, {
    username: plan.wish.username,
    onConflict: connection.jit.onConflict,
    hash: shortHash(connection.id, person.subject),
  });
  if (username === null) return refuse(stores, request, takenResult(plan));

  const id = newId('user');
  const user: User = {
    ...plan.content,
    id,
    subject: await chooseSubject(stores, request, id),
    username,
    usernameKey: usernameKey(username),
    applicationRoles: [],
    userStore: connection.jit.userStore,
    locked: false,
    disabled: false,
    createdAt: now,
    updatedAt: now,
    revision: 1,
  };
  await stores.users.insert(user);
  await stores.users.insertAssociation({
    connectionId: connection.id,
    subject: person.subject,
    userId: id,
    createdAt: now,
  });
  const changes = plan.changes.map((change) => (change.what === 'username' ? { ...change, after: username } : change));
  const about = { connection: connection.name, connectionId: connection.id, subject: person.subject };
  await record(stores, request, { type: 'user.created', target: id, details: { ...about, changes } });
  await record(stores, request, { type: 'association.created', target: id, details: about });
  return { result: 'created', userId: id, changes };
}

async function updateAccount(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  { user, changes }: Plan & { kind: 'update' },
): Promise<ProvisioningResult> {
  if (!(await stores.users.update(user))) throw new AppError('CHANGED_MEANWHILE');
  const details = {
    connection: connection.name,
    connectionId: connection.id,
    subject: request.person.subject,
    changes,
  };
  await record(stores, request, { type: 'user.updated', target: user.id, details });
  return { result: 'updated', userId: user.id, changes };
}

/**
 * The subject that the person has had at applications while signing in without an account. An account that was unlinked
 * from the person keeps it, and the new one begins with its own.
 */
async function chooseSubject({ users }: NeededStores, { box, person }: ProvisioningRequest, id: User['id']) {
  const subject = subjectWithoutAccount(box, person.connectionId, person.subject);
  return (await users.findBySubject(subject)) === null ? subject : id;
}

function takenResult({ wish }: Plan & { kind: 'create' }): ProvisioningResult {
  const detail = `The wished user name «${wish.username}» (from ${wish.from}) is another account’s user name or proven mail address.`;
  return { result: 'failed', userId: null, changes: [], problem: { code: 'USERNAME_TAKEN', detail } };
}

async function refuse(
  stores: NeededStores,
  request: ProvisioningRequest,
  result: ProvisioningResult,
): Promise<ProvisioningResult> {
  const { connectionId, subject } = request.person;
  await record(stores, request, {
    type: `provisioning.${result.result}`,
    target: result.userId,
    code: result.problem && isErrorCode(result.problem.code) ? result.problem.code : null,
    details: { connectionId, subject, detail: result.problem?.detail },
  });
  return result;
}

async function record(
  stores: NeededStores,
  { now, loginId }: ProvisioningRequest,
  event: { type: string; target: string | null; code?: ErrorCode | null; details: Record<string, unknown> },
): Promise<void> {
  await stores.audit.append({
    id: newId('event'),
    at: now,
    actor: 'system',
    loginId,
    reference: null,
    code: null,
    ...event,
  });
}

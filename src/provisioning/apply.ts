import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { findLoss } from '../connections/issuer.ts';
import type { User } from '../directory/user.ts';
import { usernameKey } from '../directory/usernames.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError, type ErrorCode, isErrorCode } from '../kernel/errors.ts';
import { type LoginId, newId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import { expectResult, type Plan, planProvisioning } from './plan.ts';
import type { Answers, ProvisioningResult, Questions } from './provision.ts';
import { subjectWithoutAccount } from './subject.ts';

type NeededStores = Pick<Stores, 'audit' | 'connections' | 'users'>;

export interface ProvisioningRequest {
  person: FederatedPerson;
  now: number;
  /** The login that it is for, for the record. */
  loginId: LoginId | null;
  /** The script asked for no provisioning in this login. */
  skip?: boolean;
  answers?: Answers;
  box: Pick<CryptoBox, 'mac'>;
}

/** Nothing was written: the person is to be asked first. */
export interface ProvisioningAsks {
  result: 'asks';
  questions: Questions;
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
): Promise<ProvisioningResult | ProvisioningAsks> {
  const { person, now, skip = false, answers = {} } = request;
  const connection = await stores.connections.findById(person.connectionId);
  const association = await stores.users.findAssociation(person.connectionId, person.subject);
  const known = association && (await stores.users.findById(association.userId));
  const loss = findLoss(connection, person);
  if (!connection || loss !== null) {
    const problem = { code: 'CONNECTION_DISABLED', detail: loss ?? '' } as const;
    return refuse(stores, request, { result: 'refused', userId: known?.id ?? null, changes: [], problem });
  }

  const plan = await planProvisioning(stores.users, { connection, person, known, now, skip, answers });
  switch (plan.kind) {
    case 'create':
      return createAccount(stores, request, connection, plan);
    case 'update':
      return updateAccount(stores, request, connection, plan);
    case 'link':
      return linkAccount(stores, request, connection, plan);
    case 'keep':
      return expectResult(plan);
    case 'ask':
      return { result: 'asks', questions: plan.questions };
    case 'refuse':
      return refuse(stores, request, expectResult(plan));
  }
}

async function createAccount(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  { content, passwordHash, changes }: Plan & { kind: 'create' },
): Promise<ProvisioningResult> {
  const { now } = request;
  const id = newId('user');
  const user: User = {
    ...content,
    id,
    subject: await chooseSubject(stores, request, id),
    usernameKey: usernameKey(content.username),
    applicationRoles: [],
    userStore: connection.jit.userStore,
    locked: false,
    disabled: false,
    createdAt: now,
    updatedAt: now,
    revision: 1,
  };
  await stores.users.insert(user);
  if (passwordHash !== null) await stores.users.setPasswordHash(id, passwordHash);
  const about = describePerson(request, connection);
  await record(stores, request, { type: 'user.created', target: id, details: { ...about, changes } });
  await associate(stores, request, connection, id, { before: null, by: 'provisioning' });
  return { result: 'created', userId: id, changes };
}

/** Gives the person an account that is there, and brings it up to date. */
async function linkAccount(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  { user, changes, match, shown }: Plan & { kind: 'link' },
): Promise<ProvisioningResult> {
  const { proof } = connection.jit.linking;
  await associate(stores, request, connection, user.id, { before: null, by: 'rule', rule: match.rule, proof, shown });
  if (changes.length > 0) await updateAccount(stores, request, connection, { kind: 'update', user, changes });
  return { result: 'linked', userId: user.id, changes };
}

async function associate(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  userId: User['id'],
  how: Record<string, unknown>,
): Promise<void> {
  const { connectionId, subject } = request.person;
  await stores.users.insertAssociation({ connectionId, subject, userId, createdAt: request.now });
  const details = { ...describePerson(request, connection), ...how, after: { connectionId, subject, userId } };
  await record(stores, request, { type: 'association.created', target: userId, details });
}

async function updateAccount(
  stores: NeededStores,
  request: ProvisioningRequest,
  connection: Connection,
  { user, changes }: Plan & { kind: 'update' },
): Promise<ProvisioningResult> {
  if (!(await stores.users.update(user))) throw new AppError('CHANGED_MEANWHILE');
  const details = { ...describePerson(request, connection), changes };
  await record(stores, request, { type: 'user.updated', target: user.id, details });
  return { result: 'updated', userId: user.id, changes };
}

/**
 * The subject that the person has had at applications while signing in without an account. An account that was unlinked
 * from the person keeps it, and the new one begins with its own.
 */
async function chooseSubject({ users }: NeededStores, { box, person }: ProvisioningRequest, id: User['id']) {
  const subject = subjectWithoutAccount(box, person);
  return (await users.findBySubject(subject)) === null ? subject : id;
}

function describePerson({ person }: ProvisioningRequest, { name, id }: Connection) {
  return { connection: name, connectionId: id, subject: person.subject };
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

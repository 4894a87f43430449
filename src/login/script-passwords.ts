import { identifierKeys } from '../directory/find-by-identifier.ts';
import { checkNewPassword, type Passwords } from '../directory/passwords.ts';
import { isAdministrationRole } from '../directory/role.ts';
import type { User } from '../directory/user.ts';
import { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Preparation, Refusal } from '../script-api/world.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';
import { findAccountByRef } from './find-account.ts';
import type { Login } from './login.ts';
import type { TypedFields } from './typed.ts';
import type { LiveWorld } from './world.ts';

/** What functions of a login's script do before a unit is opened. */
export function createPreparation({
  database,
  passwords,
  typed,
  login,
  facts,
}: {
  database: Pick<Database<Pick<Stores, 'users'>>, 'read'>;
  passwords: Pick<Passwords, 'hash'>;
  typed: Pick<TypedFields, 'reveal'>;
  login: Pick<Login, 'id'>;
  facts: Facts;
}): Preparation {
  return {
    async hashPassword(ref, text, { skipRules }) {
      const user = await findAccountByRef(database.read, facts, ref);
      const refusal = findRefusal(user);
      if (!user || refusal) return { refusal: refusal! };
      const password = await typed.reveal(login.id, text);
      const fault = findPasswordFault(password, identifierKeys(user), skipRules);
      return fault ? { refusal: fault } : { hash: await passwords.hash(password) };
    },
  };
}

/** Sets a password on behalf of a script, with an event. Must be called in the unit of the journal entry. */
export async function setPassword(
  { stores, facts, loginId, now, throttling, endAccess }: Omit<LiveWorld, 'flow'>,
  user: User | null,
  hash: string,
): Promise<Refusal | null> {
  const refusal = findRefusal(user);
  if (!user || refusal) return refusal;
  await stores.users.setPasswordHash(user.id, hash);
  for (const subject of identifierKeys(user)) await throttling.forgive(stores.throttle, { kind: 'password', subject });
  await endAccess(stores, user.id, 'ACCESS_DENIED', { login: loginId, session: facts.start.session });
  await stores.audit.append({
    ...{ id: newId('event'), at: now, type: 'password.changed', actor: 'script', target: user.id },
    ...{ loginId, reference: null, code: null, details: {} },
  });
  return null;
}

/** Whose password no script sets. Whoever writes scripts must not come by the accounts that rule the server. */
function findRefusal(user: User | null): Refusal | null {
  if (!user) return refuse('The person has no account.');
  if (user.roles.some(({ name }) => isAdministrationRole(name)))
    return refuse('The account has an administration role.');
  return null;
}

/** Why a text cannot be a new password; `names` are those of its account. */
export function findPasswordFault(password: string, names: readonly string[], skipRules: boolean): Refusal | null {
  if (password === '') return refuse('It is empty.');
  try {
    checkNewPassword(password, names);
    return null;
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault;
    const { code, params, detail = null } = fault;
    const isRule = code === 'PASSWORD_TOO_SHORT' || code === 'PASSWORD_COMMON';
    return isRule && skipRules ? null : { code, params, detail };
  }
}

function refuse(detail: string): Refusal {
  return { code: 'PASSWORD_NOT_SET', params: {}, detail };
}

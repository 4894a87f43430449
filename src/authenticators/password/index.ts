import { findByIdentifier, identifierKey, identifierKeys } from '../../directory/find-by-identifier.ts';
import type { Passwords } from '../../directory/passwords.ts';
import type { Attempt, Throttling } from '../../directory/throttling.ts';
import type { Database } from '../../kernel/unit-of-work.ts';
import type { Stores } from '../../stores.ts';
import { type Authenticator, defineAuthenticator, type Move, type Settle, type StepContext } from '../authenticator.ts';
import { show } from '../show.ts';
import { tryLater } from '../wait.ts';
import { passwordDefinition } from './definition.ts';
import { settlePassword } from './settle.ts';

export interface PasswordDeps {
  database: Pick<Database<Pick<Stores, 'users' | 'throttle'>>, 'read'>;
  passwords: Passwords;
  throttling: Throttling;
}

/**
 * User name and password. The name may also be a verified mail address that one account alone has. Where the person is
 * known or named already (an earlier step, or the parameter `username`), only the password is asked; with the parameters `username`
 * and `password` nothing is, unless they are wrong.
 *
 * An unknown name costs the same work, the same waits and the same answer as a wrong password. That an account is locked
 * or disabled is told only to somebody who has its password.
 */
export function createPassword({ database, passwords, throttling }: PasswordDeps): Authenticator {
  return defineAuthenticator({
    ...passwordDefinition,

    async begin(context) {
      const { username, password } = context.parameters;
      if (username && namesAnother(context, username)) return async () => wrongSubject;
      return username && password ? check(context, username, password) : async () => show();
    },

    async answer(context, _state, form) {
      const typed = form['username']?.trim();
      if (typed && namesAnother(context, typed)) return async () => wrongSubject;
      const username = settledName(context) ?? typed;
      const password = form['password'];
      if (!username) return async () => show({ code: 'USERNAME_MISSING', field: 'username' });
      if (!password) return async () => show({ code: 'PASSWORD_MISSING', field: 'password' });
      return check(context, username, password);
    },

    view: (context) => ({ view: 'password', model: { username: settledName(context) } }),
  });

  async function check(context: StepContext, username: string, password: string): Promise<Settle> {
    const attempt: Attempt = { kind: 'password', subject: identifierKey(username), ip: context.login.request.ip };
    const wait = await throttling.findWait(database.read.throttle, attempt, context.now);
    if (wait > 0) return async () => show(tryLater(wait));

    const user = context.user ?? (await findByIdentifier(database.read.users, username));
    const hash = user && (await database.read.users.findPasswordHash(user.id));
    const right = await passwords.verify(hash, password);
    const newHash = right && hash !== null && passwords.needsRehash(hash) ? await passwords.hash(password) : null;
    return settlePassword({ throttling, context, attempt, user, hash, right, newHash });
  }
}

/** The name that the person cannot choose any more; null while it is asked for. */
function settledName({ user, claimed, parameters }: StepContext): string | null {
  return user?.username ?? claimed?.identifier ?? (parameters['username'] || null);
}

function namesAnother({ user, claimed }: StepContext, name: string): boolean {
  if (user) return !identifierKeys(user).includes(identifierKey(name));
  if (!claimed) return false;
  const known = claimed.user ? identifierKeys(claimed.user) : [];
  return ![identifierKey(claimed.identifier), ...known].includes(identifierKey(name));
}

const wrongSubject = {
  kind: 'failed',
  problem: { code: 'WRONG_SUBJECT', detail: 'Another account was named than the one this sign-in is for.' },
} as const satisfies Move;

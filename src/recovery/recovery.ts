import type { AuditEvent } from '../audit/event.ts';
import { findByIdentifier, identifierKey, identifierKeys } from '../directory/find-by-identifier.ts';
import { checkNewPassword, type Passwords } from '../directory/passwords.ts';
import type { Attempt, Throttling } from '../directory/throttling.ts';
import type { User } from '../directory/user.ts';
import { type Clock, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { newId, newSecret, type UserId } from '../kernel/ids.ts';
import type { Language } from '../kernel/languages.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { MailTexts } from '../mail/mail.ts';
import type { MailSender } from '../mail/sender.ts';
import type { Stores } from '../stores.ts';
import { createResetTokens, tokenLifetime } from './reset-tokens.ts';

/** A forgotten password: a link by mail to the account's verified address, and a new password for the link. */
export interface Recovery {
  /**
   * Asks for a link. It comes to the same whether there is such an account or not, and whether it gets a mail.
   * @throws AppError USERNAME_MISSING; TRY_LATER (params: `wait`, seconds)
   */
  request(of: { identifier: string; ip: string; language: Language }): Promise<void>;
  /** Whose password a link is for. @throws AppError RESET_INVALID */
  check(token: string): Promise<{ username: string }>;
  /**
   * Sets the password, uses the link up, and ends whatever is open for the account.
   * @throws AppError PASSWORD_TOO_SHORT, PASSWORD_COMMON, VALIDATION_FAILED: the link can be used again; RESET_INVALID; OVERLOADED
   */
  reset(token: string, password: string): Promise<void>;
}

export interface RecoveryDeps {
  database: Database<Stores>;
  box: CryptoBox;
  clock: Clock;
  passwords: Passwords;
  throttling: Throttling;
  mail: Pick<MailSender, 'putIntoOutbox'>;
  /** @param of `link`: an absolute URL; `lifetime` in seconds. */
  writeResetMail(of: { language: Language; person: string; link: string; lifetime: number }): MailTexts;
  /** Ends the account's sessions, tokens and pending logins, in the unit that it is handed. */
  endAccess(stores: Stores, userId: UserId): Promise<void>;
  /** Without a slash at the end. */
  publicUrl: string;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { database, clock, passwords, throttling, mail, writeResetMail, endAccess, publicUrl } = deps;
  const tokens = createResetTokens(deps);

  return {
    async request({ identifier, ip, language }) {
      if (!identifier.trim()) throw new AppError('USERNAME_MISSING');
      const now = clock.now();
      const attempt: Attempt = { kind: 'reset-mails', subject: identifierKey(identifier), ip };
      await database.unit(async (stores) => {
        const wait = await throttling.findWait(stores.throttle, attempt, now);
        if (wait > 0) throw new AppError('TRY_LATER', { params: { wait: String(Math.ceil(wait / second)) } });
        await throttling.count(stores.throttle, attempt, now);

        const user = await findByIdentifier(stores.users, identifier);
        const open = user !== null && !user.disabled && !user.locked;
        const issued = open ? await tokens.issue(stores, user, now) : null;
        // Written in any case: the time does not tell whether it is sent.
        const texts = writeResetMail({
          language,
          person: user?.username ?? identifier,
          link: `${publicUrl}/reset?token=${issued?.token ?? newSecret()}`,
          lifetime: tokenLifetime / second,
        });
        if (issued) await mail.putIntoOutbox(stores, { ...texts, to: issued.address, expiresAt: now + tokenLifetime });
        await stores.audit.append(event('password.reset-requested', user, now, { mailed: issued !== null }));
      });
    },

    async check(token) {
      const found = await tokens.find(database.read, token, clock.now());
      if (!found) throw new AppError('RESET_INVALID');
      return { username: found.user.username };
    },

    async reset(token, password) {
      checkNewPassword(password);
      // Hashing is dear: it is not done for just any link.
      const asked = await tokens.find(database.read, token, clock.now());
      if (!asked) throw new AppError('RESET_INVALID');
      checkNewPassword(password, identifierKeys(asked.user));
      const hash = await passwords.hash(password);

      await database.unit(async (stores) => {
        const now = clock.now();
        const found = await tokens.find(stores, token, now);
        if (!found || !(await stores.users.useResetToken(found.hash))) throw new AppError('RESET_INVALID');
        const { user } = found;
        await stores.users.setPasswordHash(user.id, hash);
        await endAccess(stores, user.id);
        for (const subject of identifierKeys(user)) {
          await throttling.forgive(stores.throttle, { kind: 'password', subject });
          await throttling.forgive(stores.throttle, { kind: 'reset-mails', subject });
        }
        await stores.audit.append(event('password.reset', user, now, {}));
      });
    },
  };
}

function event(type: string, user: User | null, at: number, details: Record<string, unknown>): AuditEvent {
  const target = user?.id ?? null;
  return { id: newId('event'), at, type, actor: 'person', target, loginId: null, reference: null, code: null, details };
}

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash as argon2Hash, verify as argon2Verify, parseOptions } from '@node-rs/argon2';
import { AppError } from '../kernel/errors.ts';
import { isCommonPassword } from './common-passwords.ts';
import { passwordRules } from './password-rules.ts';
import { createWorkQueue } from './work-queue.ts';

/**
 * 19 MiB, two passes, one lane: one of the equally strong settings of OWASP's password storage cheat sheet. `algorithm` 2
 * is argon2id and `version` 1 is 1.3; the package names them in ambient const enums, which type stripping cannot read.
 */
const parameters = {
  algorithm: 2,
  version: 1,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
} as const;

export interface Passwords {
  /** The argon2id hash in PHC form. @throws AppError OVERLOADED when too many wait already. */
  hash(password: string): Promise<string>;
  /**
   * Is it the password that the hash was made of? With null (no such account, or one without a password) it does the same
   * work and says no. @throws AppError OVERLOADED
   */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Was it made with other parameters than those in force? Then hash the password again while it is at hand. */
  needsRehash(hash: string): boolean;
  /** Hashings under way, waiting, and done since the start. */
  load(): { running: number; waiting: number; finished: number };
}

/**
 * Hashes passwords, a few at a time.
 * @param concurrency how many at once; by default one core is left to everything else.
 * @param waiting how many may wait for their turn before further ones are refused.
 */
export function createPasswords({
  concurrency = Math.max(1, availableParallelism() - 1),
  waiting = 128 * concurrency,
}: {
  concurrency?: number;
  waiting?: number;
} = {}): Passwords {
  const queue = createWorkQueue({ concurrency, waiting });
  // A hash that no known password has, with the parameters in force: checking against it takes as long.
  const nobody = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${phc(randomBytes(16))}$${phc(randomBytes(parameters.outputLen))}`;

  return {
    hash: (password) => queue.run(() => argon2Hash(prepare(password), parameters)),
    verify: (hash, password) =>
      queue.run(async () => {
        const same = await argon2Verify(hash ?? nobody, prepare(password));
        return same && hash !== null && isWithinLimits(password);
      }),
    needsRehash(hash) {
      const used = parseOptions(hash);
      return Object.entries(parameters).some(([name, value]) => used[name as keyof typeof parameters] !== value);
    },
    load: queue.load,
  };
}

/**
 * Is it good enough as a new password?
 * @param names what the account is called, which is tried first, too
 * @throws AppError PASSWORD_TOO_SHORT (params: `minimum`), PASSWORD_COMMON, VALIDATION_FAILED when it is longer than 1,024 bytes or holds
 *   half a surrogate pair (which could not be typed again).
 */
export function checkNewPassword(password: string, names: readonly string[] = []): void {
  if (!isWithinLimits(password)) {
    throw new AppError('VALIDATION_FAILED', {
      detail: `A password is well-formed Unicode of at most ${passwordRules.maxBytes} bytes.`,
    });
  }
  const prepared = prepare(password);
  if ([...prepared].length < passwordRules.minCharacters) {
    throw new AppError('PASSWORD_TOO_SHORT', { params: { minimum: String(passwordRules.minCharacters) } });
  }
  const own = names.some((name) => name.normalize('NFKC').toLowerCase() === prepared.toLowerCase());
  if (own || isCommonPassword(prepared)) throw new AppError('PASSWORD_COMMON');
}

/** As PHC strings spell bytes: base64 without padding. */
function phc(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** The same password whatever keyboard and system it was typed on. What is too long is never hashed, so it is not prepared. */
function prepare(password: string): string {
  return isWithinLimits(password) ? password.normalize('NFKC') : '';
}

function isWithinLimits(password: string): boolean {
  return password.isWellFormed() && Buffer.byteLength(password) <= passwordRules.maxBytes;
}

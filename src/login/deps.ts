import type { Pool } from '../../sandbox/pool.ts';
import type { Limits } from '../../sandbox/protocol.ts';
import type { Passwords } from '../directory/passwords.ts';
import type { Throttling } from '../directory/throttling.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Run } from '../kernel/run.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import type { OpenOutside } from './call.ts';
import type { EndAccess } from './end-access.ts';
import type { Journals } from './journal.ts';
import type { AuthenticatorRegistry } from './options.ts';
import type { ScriptBreaker } from './script-breaker.ts';
import type { ScriptMailDeps } from './script-mails.ts';
import type { Teller } from './tell.ts';
import type { TypedFields } from './typed.ts';

/** Also what a script's lines may be. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof logLevels)[number];

/** What the parts of a login share. */
export interface LoginDeps {
  database: Database<Stores>;
  box: CryptoBox;
  clock: Clock;
  pool: Pool;
  limits: Limits;
  breaker: ScriptBreaker;
  /** Milliseconds that a login may take, from the application's request to its answer. */
  loginLifetime: number;
  journals: Journals;
  authenticators: AuthenticatorRegistry;
  /** Without a trailing slash. */
  publicUrl: string;
  openOutside: OpenOutside;
  run: Run;
  teller: Pick<Teller, 'keep' | 'tell'>;
  passwords: Pick<Passwords, 'hash'>;
  mails: ScriptMailDeps;
  throttling: Throttling;
  typed: TypedFields;
  endAccess: EndAccess;
  metrics: {
    loginEnded(result: 'succeeded' | 'failed', code: string | null): void;
    scriptPlayed(ms: number, end: string): void;
    scriptRefused(): void;
  };
  /** Structured logging; `fields` never hold secrets. */
  log: Record<LogLevel, (fields: object, message: string) => void>;
}

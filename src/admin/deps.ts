import type { Application } from '../applications/application.ts';
import type { ConnectionTests } from '../connection-tests/index.ts';
import type { Passwords } from '../directory/passwords.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { LoginId, UserId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { LoginUsage, RunDryRun, Trace } from '../lab/dry-run-types.ts';
import type { Explore } from '../lab/explore/explore.ts';
import type { Replays } from '../lab/replays.ts';
import type { ScriptReference } from '../script-api/reference.ts';
import type { TypingsSubject } from '../script-api/typings.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../stores.ts';
import type { KnownAuthenticator, KnownFunction } from '../validator/knowledge.ts';

/** What the admin API works with. */
export interface AdminDeps {
  settings: Settings;
  database: Database<Stores>;
  box: CryptoBox;
  clock: Clock;
  passwords: Pick<Passwords, 'hash'>;
  /** Ends sessions, tokens and pending logins of an account, in the unit that it is handed. `code` is why. */
  endAccess(stores: Stores, userId: UserId, code: ErrorCode): Promise<void>;
  connectionTests: Pick<ConnectionTests, 'begin' | 'find'>;
  /** How this server calls itself in people's authenticator apps. */
  issuerLabel: string;
  dryRun: RunDryRun;
  replays: Replays;
  /** Finds every path of a script. */
  explore: Explore;
  /** How a login went, and why it cannot be played again (null where it can). */
  readTrace(loginId: LoginId): Promise<{ trace: Trace; notReplayable: string | null; usage: LoginUsage | null }>;
  /** Everything that scripts may say. */
  scriptReference: ScriptReference;
  /** The editor's typings for one application's scripts. */
  writeTypings(subject: TypingsSubject): string;
  /** Functions that scripts may call. */
  knownFunctions: readonly KnownFunction[];
  /** Authenticators that flows may name; not those behind connections. */
  authenticators: readonly KnownAuthenticator[];
  /** Authenticators that flows may name and that fail, because this server does not have them. */
  unavailableAuthenticators: readonly KnownAuthenticator[];
  /** What is wrong with an application as an OpenID Connect client, as a sentence; null when nothing is. */
  findClientFault(application: Application): Promise<string | null>;
  /** Takes faults of our own, which the client gets to know by their reference alone. */
  log: { error(details: object, message: string): void };
}

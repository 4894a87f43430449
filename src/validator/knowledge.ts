import type { PinnedMailTemplate } from '../script-assets/mail-template.ts';
import type { PinnedTemplate } from '../script-assets/prompt-template.ts';

/** An authenticator as far as flows and scripts name it. */
export interface KnownAuthenticator {
  name: string;
  aliases: readonly string[];
  /** As people and admins read it: «TOTP». */
  label: string;
  needsAccount: boolean;
  /** What a script may set for it, besides `commonParameters`. */
  parameters: readonly string[];
}

/** A connection as far as flows and scripts name it. */
export interface KnownConnection {
  name: string;
  /** The name that scripts see as its authenticator. */
  authenticator: string;
  enabled: boolean;
  /** Do its people have an account: always, only those whom a linking rule fits (skipJitOnNoMatch), or never (JIT off)? */
  accounts: 'always' | 'if-linked' | 'never';
  /** What of a script's authenticatorParams goes to the provider, besides `commonParameters`. */
  parameters: readonly string[];
}

/** A script library, with the text that a flow would be published with. */
export interface KnownLibrary {
  name: string;
  version: number;
  source: string;
}

/** A function that scripts may call, besides those of the language. */
export interface KnownFunction {
  name: string;
  aliases?: readonly string[];
  minArguments: number;
  maxArguments: number;
  /** Without the callbacks. */
  parameters: readonly KnownParameter[];
  /** A call with one argument more has the name of the tenant in front of them. */
  tenantInFront?: true;
  /** The callbacks that it takes, and what they may be named. */
  handlers?: { given: 'when given' | 'always'; names: readonly string[] | 'any' };
  /** Its second of three arguments is no object of callbacks, even with functions in it: only `preHandler` is read there. */
  preHandler?: true;
  /** Where a scenario has its answer, if not under `functions`; null for nowhere. */
  stated?: 'prompts' | 'steps' | null;
  /** What to use instead. */
  deprecated?: string;
  /** The type of its result, as the typings say it. */
  result: string;
}

export interface KnownParameter {
  name: string;
  optional: boolean;
  /** In «must be …». */
  expected: string;
  /** Would the running function take this value? */
  accepts(value: unknown): boolean;
  /** How many names an object may have. */
  most?: number;
  /** What the texts are names of. */
  names?: 'role' | 'role to give' | 'application role' | 'group' | 'secret';
  /** Fields of an object that are names of secrets. */
  secretNames?: readonly string[];
}

/** What the server has: a flow and its script are checked against it. */
export interface Knowledge {
  /** Bytes of UTF-8 that a script may have; the sandbox's default where it is not given. */
  maxScriptBytes?: number;
  authenticators: readonly KnownAuthenticator[];
  /** Names that are known and that this server does not have. */
  unavailableAuthenticators: readonly KnownAuthenticator[];
  /** What a script may set for every authenticator. */
  commonParameters: readonly string[];
  /** Null when they are not known (a script is checked away from its server): then their names are not checked. */
  connections: readonly KnownConnection[] | null;
  functions: readonly KnownFunction[];
  /** What there is of each kind; missing or null where that is not known. */
  names?: Readonly<Record<'role' | 'application role' | 'secret', readonly string[] | null>>;
  /** Null when they are not known, as with connections. */
  libraries: readonly KnownLibrary[] | null;
  /** Missing when they are not known. */
  promptTemplates?: readonly PinnedTemplate[];
  /** The same. */
  mailTemplates?: readonly PinnedMailTemplate[];
}

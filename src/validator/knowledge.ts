/** An authenticator as far as flows and scripts name it. */
export interface KnownAuthenticator {
  name: string;
  aliases: readonly string[];
  /** As people and admins read it: «TOTP». */
  label: string;
  needsAccount: boolean;
  parameters: readonly string[];
}

/** A connection as far as flows and scripts name it. */
export interface KnownConnection {
  name: string;
  /** The name that scripts see as its authenticator. */
  authenticator: string;
  enabled: boolean;
  jitEnabled: boolean;
}

/** A function that scripts may call, besides those of the language. */
export interface KnownFunction {
  name: string;
  aliases?: readonly string[];
  minArguments: number;
  maxArguments: number;
}

/** What the server has: a flow and its script are checked against it. */
export interface Knowledge {
  authenticators: readonly KnownAuthenticator[];
  /** Names that are known and that this server does not have. */
  unavailableAuthenticators: readonly KnownAuthenticator[];
  /** Null when they are not known (a script is checked away from its server): then their names are not checked. */
  connections: readonly KnownConnection[] | null;
  functions: readonly KnownFunction[];
}

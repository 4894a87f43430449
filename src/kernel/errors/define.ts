interface ErrorDefinition {
  /** The HTTP status where the failure is the answer to a request. */
  status: number;
  /** The cause, for the person who runs the server. */
  admin: string;
  /** What they can do about it. */
  mend: string;
}

export const defineErrors = <const T extends Record<string, ErrorDefinition>>(table: T) => table;

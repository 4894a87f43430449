/** Something that an admin should know about a script, a flow or a request's content. */
export interface Finding {
  /** Errors stop publishing; warnings and infos do not. */
  severity: 'error' | 'warning' | 'info';
  code: string;
  message: string;
  /** Place in the script, from 1; null where it is about something else. The end is the place behind the last character. */
  line: number | null;
  column: number | null;
  endLine: number | null;
  endColumn: number | null;
  /** Place in the request's content or in the flow, as a JSON pointer (RFC 6901): `/steps/1/options/0`. */
  path?: string;
  /** What to do about it. */
  mend?: string;
}

/** Lines and columns from 1. */
export interface Span {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** Every code that the validator gives, with its severity and what it means in general. */
export const findingCodes = {
  SCRIPT_SYNTAX: { severity: 'error', summary: 'The script cannot be parsed.' },
  SCRIPT_TOO_LONG: {
    severity: 'error',
    summary: 'The script is longer than a script may be (100 kB, unless the server is told otherwise).',
  },
  SCRIPT_TOO_DEEP: { severity: 'error', summary: 'The script is nested so deeply that it cannot be read.' },
  NO_ENTRY: { severity: 'error', summary: 'There is no function onLoginRequest.' },
  UNKNOWN_STEP: { severity: 'error', summary: 'executeStep names a step that the flow does not have.' },
  UNKNOWN_AUTHENTICATOR: { severity: 'error', summary: 'No authenticator has this name.' },
  UNKNOWN_CONNECTION: { severity: 'error', summary: 'No connection has this name.' },
  OPTION_NOT_OFFERED: { severity: 'error', summary: 'authenticationOptions asks for what the step does not offer.' },
  ARGUMENT_COUNT: { severity: 'error', summary: 'A function is called with too few or too many arguments.' },
  ARGUMENT_SHAPE: { severity: 'error', summary: 'A function is called with an argument of the wrong kind.' },
  ADMINISTRATION_ROLE: { severity: 'error', summary: 'A script is to give or take a role that rules this server.' },
  UNKNOWN_SECRET: { severity: 'error', summary: 'No secret has this name.' },
  UNKNOWN_LIBRARY: { severity: 'error', summary: 'No script library has this name.' },
  UNKNOWN_TEMPLATE: { severity: 'error', summary: 'No prompt template, or mail template, has this name.' },
  LIBRARIES_TOO_LONG: {
    severity: 'error',
    summary: 'The libraries that the script may load are longer than 500 kB together.',
  },
  PROMISE: { severity: 'error', summary: 'The script uses async, await or promises.' },
  OPTIONS_AS_CALLBACKS: { severity: 'warning', summary: 'Options stand where executeStep expects callbacks.' },
  CALLBACKS_AS_OPTIONS: { severity: 'warning', summary: 'Callbacks stand where executeStep expects options.' },
  OPTION_WITHOUT_EFFECT: { severity: 'warning', summary: 'A call is given an option that nothing reads there.' },
  PARAMETER_NOT_SENT: {
    severity: 'info',
    summary: 'A connection is given a parameter that none of its query parameters uses.',
  },
  CALLBACK_NEVER_FIRES: { severity: 'warning', summary: 'A callback has a name that is never called.' },
  READ_ONLY_MEMBER: { severity: 'warning', summary: 'Something is written that a script can only read.' },
  UNKNOWN_FUNCTION: { severity: 'warning', summary: 'A function is called that nothing defines.' },
  UNKNOWN_ROLE: { severity: 'warning', summary: 'A function names a role that does not exist.' },
  DEPRECATED_FUNCTION: {
    severity: 'warning',
    summary: 'A function is called that another one has taken the place of.',
  },
  CALL_WITHOUT_HANDLERS: { severity: 'warning', summary: 'A call that answers later is given no callbacks.' },
  UNREACHABLE_STEP: { severity: 'warning', summary: 'The script never runs a step of the flow.' },
  AUTHENTICATOR_NOT_AVAILABLE: { severity: 'warning', summary: 'The server does not have this authenticator yet.' },
  CONNECTION_DISABLED: { severity: 'warning', summary: 'A step offers a connection that is disabled.' },
  ACCOUNT_REQUIRED: {
    severity: 'warning',
    summary: 'A person without an account may come to a factor that needs one (JIT provisioning is off).',
  },
} as const satisfies Record<string, { severity: Finding['severity']; summary: string }>;

export type FindingCode = keyof typeof findingCodes;

/** Makes a finding with the severity of its code. */
export function createFinding(
  code: FindingCode,
  message: string,
  { span = null, path, mend }: { span?: Span | null; path?: string; mend?: string } = {},
): Finding {
  return {
    severity: findingCodes[code].severity,
    code,
    message,
    line: span?.line ?? null,
    column: span?.column ?? null,
    endLine: span?.endLine ?? null,
    endColumn: span?.endColumn ?? null,
    ...(path === undefined ? {} : { path }),
    ...(mend === undefined ? {} : { mend }),
  };
}

/** Findings in the order of their places: those of the flow first, then down the script. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || compare(a.path ?? '', b.path ?? ''),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What crosses the wall between the server and the sandbox: JSON lines, over two pipes of a child process.
 *
 *   server → child   { prepare } once; { play } then, for every { ask }, one { reply }
 *   child → server   any number of { ask }, then one { done }
 *
 * The child has no other way to reach anything. Nothing here is trusted because of how it looks: the server checks a
 * success against the journal once more (see `src/login/turn.ts`).
 */
import type { CallShape } from './read-arguments.ts';

/** A script with everything it was published with. Together with a journal it determines a play completely. */
export interface Bundle {
  script: string;
  /** The functions that the script may call, besides those of the language. */
  functions: readonly GuestFunction[];
  /** What steers the sign-in: the engine does it itself, and takes the arguments that stand here. */
  steering: readonly CallShape[];
  /** The steps of the flow and their options, as the script sees them. */
  steps: readonly { options: readonly { idp: string; authenticator: string }[] }[];
  tenantDomain: string;
  serviceProviderName: string;
  /** The key of the hashes that secret arguments are hidden behind; the same for all plays of a login. */
  hashKey: string;
  /** What `require` finds. */
  libraries?: readonly Library[];
  /** Watches what the script reads without asking, and where it has been. It changes nothing that the script can tell. */
  watch?: {
    /** The name of a function that counts the places where it is called: `visit(7)`. The script's text was made to call it. */
    visit: string;
  };
  /** Tells the script's variables at each question: `names` are those of its top scope that are no properties of the global object. */
  inspect?: { names: readonly string[] };
}

/** A CommonJS module. It goes by its name with and without `.js`. */
export interface Library {
  /** Letters, digits, `.`, `_` and `-`. */
  name: string;
  source: string;
}

/** A function of the script interface, as far as the sandbox must know it. */
export interface GuestFunction {
  name: string;
  /**
   * `read` and `effect` answer at once, in the middle of a turn; an `effect` is refused once there is a verdict.
   * `scheduled` waits in the queue with the steps and answers through its handlers.
   */
  kind: 'read' | 'effect' | 'scheduled';
  /** Called with handlers, it waits in the queue as `scheduled` ones do. */
  takesHandlers?: true;
  /**
   * Its second of three arguments, or else its callbacks may hold a `preHandler`: asked with the first argument when its turn
   * comes, in a turn of its own that this operation opens. What it says stands in the second argument then.
   */
  preHandlerOp?: string;
  /** Its answer is a reference to a person (or null), or a list of them: the script gets user objects. */
  returns?: 'user' | 'users';
  /** What is known of people may be old after it: their objects are read anew. */
  changesPeople?: true;
  /** Not a global of its own: the guest's objects call it. */
  internal?: true;
  /** Which of its arguments are secret, by their place: hidden from the journal behind keyed hashes. */
  hidden?: readonly number[];
  /** Other names it goes by. */
  aliases?: readonly string[];
  /** Names of its parameters, for messages. */
  parameters?: readonly string[];
  /** One argument more may stand in front of them. */
  tenantInFront?: true;
}

/**
 * One entry of a journal: a question and the answer it got. Entry 0 is `start`. A note is what the host did between two
 * questions, told to the script at the next turn; the script did not ask for it.
 */
export interface Entry {
  op: string;
  /** JSON text of the arguments, exactly as asked. */
  args: string;
  /** JSON text. */
  answer: string;
  note?: boolean;
  /** Thread CPU time, in microseconds, that the turn opened by this answer took when it first ran. */
  cpuUs?: number | null;
}

/** Where in the script something was called. Lines and columns count from 1. */
export interface Place {
  line: number | null;
  column: number | null;
  /** The library whose text it is in, rather than the script's. */
  library?: string;
}

export const nowhere: Place = { line: null, column: null };

/** The place in something that has one. */
export function placeOf({ line, column, library }: Place): Place {
  return { line, column, ...(library === undefined ? {} : { library }) };
}

export interface Question extends Place {
  /** The number that its entry will have. */
  seq: number;
  op: string;
  args: string;
  /** The arguments before some of them were hidden, where some were. Not to be kept. */
  plainArgs?: string;
  scheduled: boolean;
  /** Names of the handlers given with it, in the script's order. */
  handlers: string[];
}

/** The server's reply to a question. */
export type Reply =
  /** The answer, and notes that go into the journal before it. */
  | { answer: string; notes?: Entry[] }
  /** Not now: the play stops here. Whoever plays on appends the answer and plays again. */
  | { wait: true }
  /** The call itself is wrong: the play ends as a script error that the script cannot catch. */
  | { refuse: { code: FailureCode; message: string } };

export type FailureCode =
  | 'SCRIPT_SYNTAX'
  | 'SCRIPT_ERROR'
  | 'SCRIPT_TIMEOUT'
  | 'SCRIPT_WALL_TIMEOUT'
  | 'SCRIPT_MEMORY'
  | 'SCRIPT_DEADLOCK'
  | 'SCRIPT_LIMIT'
  | 'SCRIPT_QUEUE'
  | 'SCRIPT_LOGIN_TIMEOUT'
  | 'SCRIPT_DATA'
  | 'SCRIPT_TOO_LONG'
  /** Not played at all: earlier plays of the version used up too much. */
  | 'SCRIPT_SUSPENDED';

/**
 * What the host loop decided. The guest cannot make one: it holds callbacks only. An error in a turn names it: `top level`,
 * `onLoginRequest`, `onSuccess of executeStep(2)`.
 */
export type Verdict =
  | { result: 'success' }
  /** The script ran well and the login fails. `by` says which rule. */
  | ({
      result: 'failure';
      by: 'fail' | 'sendError' | 'unanswered' | 'empty-handler' | 'no-step';
      /** JSON text: the arguments of fail or sendError, else what the step answered. */
      info: string | null;
    } & Place)
  | ({ result: 'error'; code: FailureCode; message: string; limit?: MetLimit; turn?: string } & Place);

/** The limit that ended a play. */
export interface MetLimit {
  name: keyof Limits;
  /** In the limit's unit; null where the end came before it could be measured. */
  used: number | null;
  allowed: number;
}

export interface SaidLine extends Place {
  /** How many entries stood before it. */
  after: number;
  ordinal: number;
  level: string;
  text: string;
}

/**
 * Which response headers a script may set: those of the organisation's own (`x-…`) and a few that harm nobody. The rest is
 * the server's, and so are names by which proxies and browsers are told what to do. Names in lower case.
 */
export const scriptHeaders = {
  own: 'x-',
  also: ['p3p', 'server-timing'],
  reserved: [
    'x-content-security-policy',
    'x-content-type-options',
    'x-dns-prefetch-control',
    'x-download-options',
    'x-frame-options',
    'x-permitted-cross-domain-policies',
    'x-powered-by',
    'x-sendfile',
    'x-ua-compatible',
    'x-webkit-csp',
    'x-xss-protection',
  ],
  reservedPrefixes: ['x-accel-', 'x-forwarded-', 'x-lighttpd-', 'x-litespeed-', 'x-reproxy-'],
  /** How many there may be, and UTF-16 code units of name and value. */
  most: 20,
  longest: 1000,
} as const;

/** What the script set on its objects; replay derives it, so it is never journalled. JSON values. */
export interface ScriptState {
  selectedAcr: string | null;
  endpointParams: Record<string, string>;
  responseHeaders: Record<string, string>;
  /** By person, claims for this sign-in alone. */
  claims: Record<string, Record<string, unknown>>;
}

export const emptyState: ScriptState = { selectedAcr: null, endpointParams: {}, responseHeaders: {}, claims: {} };

export interface Usage {
  /** Thread CPU time of turns that ran for the first time, by the entry that opened them, in microseconds. */
  turns: { seq: number; cpuUs: number }[];
  /** Milliseconds on the clock of the longest turn that ran for the first time. */
  turnWallMs: number;
  heapBytes: number;
  /** The most calls that ever waited in the queue. */
  queued: number;
  /** Lines that were kept. */
  logLines: number;
  /** Lines that were left out, because there were too many. */
  logLinesLeftOut: number;
  argumentBytes: number;
}

export const noUsage: Readonly<Usage> = {
  turns: [],
  turnWallMs: 0,
  heapBytes: 0,
  queued: 0,
  logLines: 0,
  logLinesLeftOut: 0,
  argumentBytes: 0,
};

/** Something of the world that the script read without asking for it; each is told once a play. */
export interface Read extends Place {
  /** How many entries stood before it. */
  after: number;
  what:
    | 'clock'
    | 'chance'
    | 'ip'
    | 'header'
    | 'param'
    | 'cookie'
    | 'acr values'
    | 'best acr value'
    | 'field'
    | 'claim'
    | 'remote claim'
    | 'provisioning'
    | 'failed user'
    | 'typed name'
    | 'data';
  /** Which one: a person, a name (`*` for all of them), the values that were looked for. */
  of: unknown[];
}

export interface Watched {
  reads: Read[];
  /** The places that were visited, by their numbers. */
  visits: number[];
}

/** What a script had at one moment. */
export interface Moment {
  /** How many entries stood before it: the number of the one that is asked for next. */
  seq: number;
  /** JSON values; what is none as `{$is: what, name?}`. */
  variables: Record<string, unknown>;
  /** What waits in the queue, next first, with the names of its handlers. */
  queue: (Place & { op: string; args: string; handlers: string[] })[];
}

export type PlayEnd =
  | { kind: 'waits'; question: Question }
  | { kind: 'ends'; verdict: Verdict }
  /** Played again, the script asked something else than the journal says. */
  | {
      kind: 'differs';
      seq: number;
      journal: { op: string; args: string } | null;
      script: { op: string; args: string } | null;
    }
  /** The machine was too busy to tell: no verdict on the script. */
  | { kind: 'busy' };

export type PlayResult = PlayEnd & {
  state: ScriptState;
  said: SaidLine[];
  usage: Usage;
  /** Of a bundle that is watched. */
  watched?: Watched;
  /** Of a bundle that is inspected. */
  moments?: Moment[];
  /** Of one too: where in its script each entry was asked for. */
  asked?: (Place & { seq: number })[];
};

/** Each with the default of the script contract. */
export interface Limits {
  /** Milliseconds of thread CPU time that one turn may take. */
  turnCpuMs: number;
  /** The same for all turns of a login together. */
  loginCpuMs: number;
  /** Milliseconds on the clock that one turn may take. */
  turnWallMs: number;
  /** The same for all calls of a login that ask somebody outside; the server watches over it. */
  callWallMs: number;
  memoryMiB: number;
  /** Bytes of UTF-8. */
  scriptBytes: number;
  entries: number;
  /** Steps and calls with handlers that may wait in the queue at once. */
  queue: number;
  logLines: number;
  logLineBytes: number;
  /** Characters that the arguments of all calls may have as JSON, and what the script sets. */
  argumentBytes: number;
}

export const defaultLimits: Limits = {
  turnCpuMs: 100,
  loginCpuMs: 500,
  turnWallMs: 1000,
  callWallMs: 10_000,
  memoryMiB: 16,
  scriptBytes: 100_000,
  entries: 200,
  queue: 200,
  logLines: 200,
  logLineBytes: 4096,
  argumentBytes: 1_000_000,
};

export type ToChild =
  | { prepare: Likely }
  | { play: { bundle: Bundle; journal: Entry[]; limits: Limits } }
  | { reply: Reply };

/** What most plays of a server have in common. Knowing it makes the first one quick, and changes nothing else. */
export interface Likely {
  functions: readonly GuestFunction[];
  limits: Limits;
}
export type FromChild = { ask: Question } | { done: PlayResult };

/**
 * What an outcome does, for the engine, the explorer and the reference alike. `handlers` are tried in order; `unanswered`
 * says what happens when the script gave none of them. Outcomes that are not in the table are prompts' own actions
 * (`onXyz`, else `onSuccess`).
 */
export const outcomes: Readonly<Record<string, { handlers: readonly string[]; unanswered: 'go on' | 'fail' }>> = {
  success: { handlers: ['onSuccess'], unanswered: 'go on' },
  fail: { handlers: ['onFail'], unanswered: 'fail' },
  abort: { handlers: ['onUserAbort', 'onFail'], unanswered: 'fail' },
  fallback: { handlers: ['onFallback', 'onFail'], unanswered: 'fail' },
  timeout: { handlers: ['onTimeout', 'onFail'], unanswered: 'fail' },
};

/** What `stepOptions` of executeStep takes and does, for reference, typings and validator. */
export const stepOptions: Readonly<Record<string, string>> = {
  forceAuth: 'the step is shown also where the session would spare it',
  markAsSubjectIdentifierStep: 'whoever passes the step is who signs in',
  provisionUser: "'false' makes and changes no account in this sign-in for somebody from a connection",
  markAsSubjectAttributeStep:
    'what the identity provider said of whoever passes the step goes to the application in this sign-in, before the attributes of their account',
  skipPrompt:
    'the step shows no page: it is tried with the user name and password that were typed last, and fails where that is not enough',
};

/**
 * What no function takes, wherever it stands in a value: text that is no Unicode, which is changed wherever it is stored or
 * sent, and a name that sets an object's prototype instead of standing in it.
 */
export function findTextFault(value: unknown): string | null {
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string' && !one.isWellFormed()) return 'a text with half a character (a lone surrogate)';
    if (typeof one !== 'object' || one === null) continue;
    if (Object.hasOwn(one, '__proto__')) return 'an object with the name __proto__';
    if (Array.isArray(one)) for (const each of one) left.push(each);
    else for (const [name, each] of Object.entries(one)) left.push(name, each);
  }
  return null;
}

import type { Place } from '../../sandbox/protocol.ts';
import type { StepProblem, StepState } from '../authenticators/authenticator.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId, UserId } from '../kernel/ids.ts';
import type { RunMark } from '../kernel/run.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import type { PromptTemplate } from '../script-assets/prompt-template.ts';
import type { LoginResult } from './handoff.ts';
import type { AuthenticatorParameters, StepOption } from './options.ts';

/** What a login waits for, between two requests: the question that the script's play stopped at. */
export type Waiting = (StepWaiting | CallWaiting | PromptWaiting | AccountWaiting | ReentryWaiting) & {
  /** Response headers that the script has set so far, for the pages until it goes on. */
  headers?: Record<string, string>;
};

interface WaitingFor extends Place {
  /** The journal entry that the answer will be. */
  seq: number;
  /** The arguments, exactly as asked: part of that entry. */
  args: string;
  handlers: string[];
}

/** A call of a function that asks somebody outside: the request that claimed it is making it. */
export interface CallWaiting extends WaitingFor {
  kind: 'call';
  op: string;
  /** How often it was begun; more than once only where a process broke down. */
  attempt: number;
  /** Milliseconds that it may take. */
  allowedMs: number;
  /** The run of the server whose request makes it. */
  claimedBy: RunMark;
  /** Then whoever claimed it has answered or is dead, whatever can be told of them; in epoch milliseconds. */
  claimedUntil: number;
}

/** A prompt. */
export interface PromptWaiting extends WaitingFor {
  kind: 'prompt';
  /** The function that shows it. */
  op: string;
  /** With the fields that the call gave. */
  template: PromptTemplate;
  /** What fills the places of its texts. */
  data: Record<string, string>;
  problems: StepProblem[];
  /** What was typed, to be shown again. */
  values: Record<string, string>;
}

/** A password that a script uses, and that is not known any more. */
export interface ReentryWaiting {
  kind: 'reentry';
  /** The journal entry that waits for it. */
  seq: number;
  /** The entry of the step that it was typed in. */
  entry: number;
  /** What was typed as user name beside it. */
  username: string | null;
  problem: StepProblem;
}

/** A step of the flow. */
export interface StepWaiting extends WaitingFor {
  kind: 'step';
  step: number;
  options: StepOption[];
  parameters: AuthenticatorParameters;
  /** Which option the person is at; null while the options are shown. */
  chosen: number | null;
  /**
   * Setting up a new factor asks for one that the account already has first: this is the option that proves it. Null when
   * nothing is (or was) to be proven.
   */
  proof: { option: number; passed: boolean; amr: string[] } | null;
  /** The chosen (or proving) authenticator's own state. */
  state: StepState | null;
  /** States of options that were left, by option: whoever comes back finds the same key to scan, and no new mail. */
  kept: Record<number, StepState>;
  /** The browser was sent elsewhere and has not come back. */
  away: boolean;
  /** Wrong answers so far. */
  attempts: number;
  problem: StepProblem | null;
  /** What was typed, to be shown again. */
  username: string | null;
}

/** What is asked before an account is made or linked; nothing of it is written before it is answered. */
export interface AccountWaiting {
  kind: 'account';
  /** The journal entry that tells what became of it. */
  seq: number;
  /** The step that needs the account, at its chosen option; null where the login is about to end well. */
  step: StepWaiting | null;
  questions: Questions;
  /** The account that the person says is not theirs. */
  declined: UserId | null;
  /** What they have shown of the account that they say is theirs. */
  shown: NonNullable<Answers['shown']>;
  /** The state of the authenticator that proves the account. */
  state: StepState | null;
  /** Wrong answers so far. */
  attempts: number;
  problems: StepProblem[];
  /** What was typed, to be shown again; no passwords. */
  values: Record<string, string>;
}
/** How a login is to end: without more, or with a result that the application gets at once. */
export type Ending = StoredEnding | { kind: 'application'; result: LoginResult };

/** How a login ended. */
export type StoredEnding =
  /** The person sees a page; going on from it brings `result` to the application. */
  | { kind: 'page'; code: string; params: Record<string, string>; result: LoginResult }
  /** The application has its result, and the browser was sent there; `page` is what the person saw before. */
  | { kind: 'delivered'; redirectTo: string; page: { code: string; params: Record<string, string> } | null }
  /** A script sent the browser elsewhere (`sendError` with a URL), or the person began again in another login. */
  | { kind: 'elsewhere'; url: string };

export function sealWaiting(box: CryptoBox, id: LoginId, waiting: Waiting): string {
  return box.seal(JSON.stringify(waiting), `logins/${id}/waiting`);
}

export function openWaiting(box: CryptoBox, id: LoginId, sealed: string): Waiting {
  return JSON.parse(box.open(sealed, `logins/${id}/waiting`));
}

export function sealEnding(box: CryptoBox, id: LoginId, ending: StoredEnding): string {
  return box.seal(JSON.stringify(ending), `logins/${id}/result`);
}

export function openEnding(box: CryptoBox, id: LoginId, sealed: string): StoredEnding {
  return JSON.parse(box.open(sealed, `logins/${id}/result`));
}

import type { MetLimit, Place, PlayEnd, ScriptState, Verdict } from '../../sandbox/protocol.ts';
import { claimName } from '../directory/claims.ts';
import { type ErrorCode, errors } from '../kernel/errors.ts';
import { failLimits } from '../script-api/functions/fail.ts';
import { sendErrorLimits } from '../script-api/functions/send-error.ts';
import type { StepMissed } from './answers.ts';
import type { Facts } from './facts.ts';
import type { LoginResult } from './handoff.ts';
import type { Ending, StoredEnding } from './waiting.ts';

/** A failed login: what the person sees, what the application gets, and what the admin reads. */
export interface Failure {
  code: ErrorCode;
  params: Record<string, string>;
  /** The cause beyond the code, for the admin: message and place of a script's error, the provider's words. */
  detail: string | null;
  /** The limit that the script met, where it was one. */
  limit?: MetLimit;
  /** The callback of the script that it happened in, where it was an error in one. */
  turn?: string;
  ending: Ending;
}

/** A failure that ends on our error page; the page leads back to the application with the error. */
export function failWithPage(
  code: ErrorCode,
  params: Record<string, string> = {},
  detail: string | null = null,
): Failure & { ending: StoredEnding } {
  const error = errors[code].status >= 500 ? 'server_error' : 'access_denied';
  const result: LoginResult = { ok: false, error, errorDescription: errors[code].admin };
  return { code, params, detail, ending: { kind: 'page', code: shownCode(code), params, result } };
}

/** Whether a user name is taken is nobody's business who has not proven to own it. */
function shownCode(code: ErrorCode): ErrorCode {
  return code === 'USERNAME_TAKEN' ? 'PROVISIONING_FAILED' : code;
}

/** Where a script may send the browser: the URL that it names (a path is one of our own pages), or null. */
export type FindAllowedUrl = (target: string) => URL | null;

/** Did the script let somebody in? Whether they come in is not its word alone. */
export function endsWell(end: PlayEnd): boolean {
  return end.kind === 'ends' && end.verdict.result === 'success';
}

/** What a play that ended without success means for the login. */
export function readFailure(end: PlayEnd & { kind: 'ends' | 'differs' }, findAllowedUrl: FindAllowedUrl): Failure {
  if (end.kind === 'differs') {
    const detail = `Entry ${end.seq}: the journal has ${describeCall(end.journal)}, the script asks ${describeCall(end.script)}.`;
    return failWithPage('SCRIPT_DIFFERS', {}, detail);
  }
  const { verdict } = end;
  if (verdict.result === 'success') return failWithPage('NO_STEP_PASSED');
  const where = describePlace(verdict);
  if (verdict.result === 'error') {
    const failure = failWithPage(verdict.code, {}, `${verdict.message}${where}`);
    const { limit, turn } = verdict;
    return { ...failure, ...(limit ? { limit } : {}), ...(turn === undefined ? {} : { turn }) };
  }
  switch (verdict.by) {
    case 'fail':
      return readFail(verdict, where);
    case 'sendError':
      return readSendError(verdict, where, findAllowedUrl);
    case 'no-step':
      return failWithPage('NO_STEP_PASSED');
    case 'unanswered':
    case 'empty-handler':
      return readMissedStep(verdict);
  }
}

function describeCall(call: { op: string; args: string } | null): string {
  return call ? `${call.op} ${call.args.slice(0, 200)}` : 'nothing';
}

function describePlace({ line, column, library }: Place): string {
  if (line === null) return '';
  return ` (${library === undefined ? '' : `library ${library}, `}line ${line}, column ${column})`;
}

type FailureVerdict = Verdict & { result: 'failure' };

/** `fail({errorCode, errorMessage, errorURI})` reaches the application as an OAuth error (RFC 6749, section 4.1.2.1). */
function readFail({ info }: FailureVerdict, where: string): Failure {
  const [given] = JSON.parse(info ?? '[null]') as [Record<string, string> | null];
  const { errorCode, errorMessage, errorURI } = given ?? {};
  const result: LoginResult = {
    ok: false,
    error: oauthText(errorCode ?? 'access_denied'),
    errorDescription: oauthText(errorMessage ?? errors.DENIED_BY_SCRIPT.admin),
    ...(errorURI === undefined ? {} : { errorUri: oauthText(errorURI) }),
  };
  return { code: 'DENIED_BY_SCRIPT', params: {}, detail: `fail()${where}`, ending: { kind: 'application', result } };
}

const { value: maxUrlLength } = sendErrorLimits.url;

function readSendError({ info }: FailureVerdict, where: string, findAllowedUrl: FindAllowedUrl): Failure {
  const [target, params] = JSON.parse(info ?? '[null,null]') as [string | null, Record<string, string> | null];
  const failure = failWithPage('DENIED_BY_SCRIPT', {}, `sendError()${where}`);
  if (target === null || target === '') return failure;
  const url = findAllowedUrl(target);
  // Another scheme can name an allowed host, too: javascript://allowed.example/…
  if (!url || !/^https?:$/.test(url.protocol)) {
    return {
      ...failure,
      detail: `sendError()${where} named a URL that is not on the list of allowed hosts: ${target.slice(0, 200)}`,
    };
  }
  for (const [name, value] of Object.entries(params ?? {})) url.searchParams.set(name, value);
  if (url.href.length > maxUrlLength) {
    return { ...failure, detail: `sendError()${where} made a URL of more than ${maxUrlLength} characters.` };
  }
  return { ...failure, ending: { kind: 'elsewhere', url: url.href } };
}

function readMissedStep({ info }: FailureVerdict): Failure {
  const { failure } = JSON.parse(info ?? '{}') as Partial<StepMissed>;
  const code = failure?.code ?? 'ACCESS_DENIED';
  const whole = failWithPage(code, failure?.params ?? {}, failure?.detail ?? null);
  if (code !== 'CANCELLED') return whole;
  const result: LoginResult = { ok: false, error: 'access_denied', errorDescription: errors.CANCELLED.admin };
  return { ...whole, ending: { kind: 'application', result } };
}

/** The characters that an OAuth error may have (RFC 6749, section 4.1.2.1). */
function oauthText(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, failLimits.text.value);
}

/** Kinds of proof by `amr` value; a level above one factor needs two different kinds. */
const factorKinds: Readonly<Record<string, string>> = {
  pwd: 'knowledge',
  otp: 'possession',
  hwk: 'possession',
  mail: 'mailbox',
  mfa: 'several',
};

/** The `acr` that the script chose, unless it claims more than was proven: of our own levels, one factor reaches `1fa` alone. */
export function grantAcr(selected: string | null, amr: readonly string[]): string | null {
  if (selected === null || !/^urn:stepgate:(?!1fa$)/i.test(selected)) return selected;
  return countFactorKinds(amr) >= 2 ? selected : null;
}

/** Of how many kinds the proofs are; somebody else's word that there were several counts as two. */
export function countFactorKinds(amr: readonly string[]): number {
  const kinds = new Set(amr.map((value) => factorKinds[value]).filter(Boolean));
  return kinds.has('several') ? Math.max(2, kinds.size) : kinds.size;
}

/** The claims that the script set for this sign-in alone, by the names that applications know. */
export function scriptClaims(state: ScriptState, { subject }: Facts): Record<string, unknown> {
  const own = subject ? (state.claims[subject.ref] ?? {}) : {};
  return Object.fromEntries(Object.entries(own).map(([uri, value]) => [claimName(uri), value]));
}

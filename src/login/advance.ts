import { placeOf, type Question, type SaidLine, type ScriptState } from '../../sandbox/protocol.ts';
import type { Application } from '../applications/application.ts';
import type { Waited } from '../authenticators/authenticator.ts';
import { AppError } from '../kernel/errors.ts';
import type { Language } from '../kernel/languages.ts';
import { ask } from './ask.ts';
import { beginCall, type ClaimedCall } from './call.ts';
import { logLevels } from './deps.ts';
import { enterStep } from './enter-step.ts';
import { type Facts, readFacts } from './facts.ts';
import { type FinishDeps, finishLogin } from './finish.ts';
import type { PublishedFlow } from './flow.ts';
import type { JournalEntry } from './journal.ts';
import type { Login, LoginRequest } from './login.ts';
import { skipsPrompt } from './options.ts';
import { enterPrompt } from './prompt.ts';
import { identifierOp } from './read-prompt.ts';
import { askAgain } from './reentry.ts';
import { readScriptHeaders } from './script-headers.ts';
import { moveOn, playLive } from './turn.ts';
import type { StepVisit, Visit } from './visit.ts';
import { sealWaiting } from './waiting.ts';

/** Where a login stands when the script waits; `headers` are those that it has set for the response. */
export type Stand = { headers?: Record<string, string> } & (
  | { kind: 'page'; visit: Visit }
  | { kind: 'redirect'; visit: StepVisit; url: string }
  | ClaimedCall
  /** `facts` where the script has just come to its end. */
  | { kind: 'ended'; login: Login; facts?: Facts }
);

export interface Course {
  login: Login;
  flow: PublishedFlow;
  application: Application;
  request: LoginRequest;
  language: Language;
  waited: Waited;
}

/**
 * Lets the script go on until it waits for somebody, or the login has ended; all of it is on disk when this resolves.
 * @param known the login's journal, where the caller has just read it
 */
export async function advance(deps: FinishDeps, course: Course, known?: JournalEntry[]): Promise<Stand> {
  const notes: Promise<void>[] = [];
  const stand = await playOn(deps, course, known, notes);
  await Promise.all(notes);
  return stand;
}

/** @param notes takes what is on its way to the disk: it shares a commit with what follows from the play. */
async function playOn(
  deps: FinishDeps,
  course: Course,
  known: JournalEntry[] | undefined,
  notes: Promise<void>[],
): Promise<Stand> {
  const { database, journals } = deps;
  let { login } = course;
  let before = known;
  for (;;) {
    before ??= await journals.read(database.read.logins, login.id);
    const { result, journal, login: played } = await playLive(deps, course.flow, login, before);
    login = played;
    before = undefined;
    if (result.said.length > 0 || result.usage.turns.length > 0) {
      const { value, durable } = database.unit.early(async ({ logins }) => {
        const fresh = await journals.addLogs(logins, login.id, result.said);
        for (const { seq, cpuUs } of result.usage.turns) await logins.setEntryCpu(login.id, seq, cpuUs);
        return fresh;
      });
      const told = durable.then(async () => tellLines(deps, played, await value));
      told.catch(() => {}); // awaited with all others at the end
      notes.push(told);
    }
    switch (result.kind) {
      case 'busy':
        throw new AppError('SCRIPT_WALL_TIMEOUT');
      case 'ends':
      case 'differs': {
        const { application } = course;
        const finished = await finishLogin(deps, { login, journal, application, end: result, state: result.state });
        const facts = readFacts(journal);
        const headers = readScriptHeaders(result.state);
        if (finished.kind === 'ended') return { ...finished, facts, headers };
        const at = { ...course, login, journal, facts };
        return giveHeaders(deps, await ask(deps, at, { step: null, questions: finished.questions }), headers);
      }
      case 'waits': {
        const begun = await begin(deps, { ...course, login }, journal, result.question, result.state);
        if (begun.kind !== 'done') return giveHeaders(deps, begun, readScriptHeaders(result.state));
        login = begun.login;
      }
    }
  }
}

/** What the script said for the first time goes to the server's log, too, once it is on disk. */
function tellLines({ log }: FinishDeps, { id: loginId, applicationId }: Login, lines: readonly SaidLine[]): void {
  for (const { level, text, ...place } of lines) {
    log[logLevels.find((name) => name === level) ?? 'info']({ loginId, applicationId, ...placeOf(place) }, text);
  }
}

/** Keeps the headers with what is waited for: a page can be loaded again, and nothing is played then. */
async function giveHeaders(
  { database, box }: FinishDeps,
  stand: Stand,
  headers: Record<string, string>,
): Promise<Stand> {
  if ((stand.kind !== 'page' && stand.kind !== 'redirect') || Object.keys(headers).length === 0) return stand;
  const { login, waiting } = stand.visit;
  const waitingSealed = sealWaiting(box, login.id, { ...waiting, headers });
  const moved = await database.unit(({ logins }) => moveOn(logins, { ...login, waitingSealed }));
  return { ...stand, headers, visit: { ...stand.visit, login: moved, waiting: { ...waiting, headers } } } as Stand;
}

/** Texts that may hold what a person typed: the call's own, and what a step without a page is tried with. */
function textsOf({ op, args, plainArgs = args }: Question, { typed }: Facts): string {
  const silent = op === 'step' && skipsPrompt(args);
  return silent && typed ? plainArgs + typed.password : plainArgs;
}

/** Begins what the script waits for. */
async function begin(
  deps: FinishDeps,
  course: Course,
  journal: JournalEntry[],
  question: Question,
  { endpointParams }: ScriptState,
): Promise<Stand | { kind: 'done'; login: Login }> {
  const at = { ...course, journal, facts: readFacts(journal) };
  const forgotten = await deps.typed.findForgotten(course.login.id, textsOf(question, at.facts));
  if (forgotten) return askAgain(deps, at, question, forgotten);
  switch (question.op) {
    case 'step':
      return enterStep(deps, at, question);
    case 'prompt':
    case identifierOp:
      return enterPrompt(deps, at, question, { flow: course.flow, endpointParams });
    default:
      return beginCall(deps, at, question);
  }
}

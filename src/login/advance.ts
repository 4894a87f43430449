import type { Question } from '../../sandbox/protocol.ts';
import type { Application } from '../applications/application.ts';
import { AppError } from '../kernel/errors.ts';
import type { Language } from '../kernel/languages.ts';
import { readFacts } from './facts.ts';
import { type FinishDeps, finishLogin } from './finish.ts';
import type { Flow } from './flow.ts';
import type { JournalEntry } from './journal.ts';
import type { Login, LoginRequest } from './login.ts';
import { addParameters, filterOptions, type StepOptions } from './options.ts';
import { chooseOption } from './step.ts';
import { moveOn, playLive } from './turn.ts';
import { authenticatorOf, type Visit } from './visit.ts';
import { sealWaiting, type Waiting } from './waiting.ts';

/** Where a login stands when the script can do nothing more without the person. */
export type Stand =
  | { kind: 'page'; visit: Visit }
  | { kind: 'redirect'; visit: Visit; url: string }
  | { kind: 'ended'; login: Login };

export interface Course {
  login: Login;
  flow: Flow;
  application: Application;
  request: LoginRequest;
  language: Language;
}

/**
 * Lets the script go on until a step needs the person, or the login has ended; all of it is on disk when this resolves.
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
      const { durable } = database.unit.early(async ({ logins }) => {
        await journals.addLogs(logins, login.id, result.said);
        for (const { seq, cpuUs } of result.usage.turns) await logins.setEntryCpu(login.id, seq, cpuUs);
      });
      durable.catch(() => {}); // awaited with all others at the end
      notes.push(durable);
    }
    switch (result.kind) {
      case 'busy':
        throw new AppError('OVERLOADED', { detail: 'The script could not be run in time.' });
      case 'ends':
      case 'differs':
        return {
          kind: 'ended',
          login: await finishLogin(deps, {
            login,
            journal,
            application: course.application,
            end: result,
            state: result.state,
          }),
        };
      case 'waits': {
        const visit = arrive(deps, { ...course, login }, journal, result.question);
        const stepped = await enterStep(deps, visit);
        if (stepped.kind !== 'done') return stepped;
        login = stepped.login;
      }
    }
  }
}

/** The step that the script asked for. */
function arrive(deps: FinishDeps, course: Course, journal: JournalEntry[], question: Question): Visit {
  const facts = readFacts(journal);
  const [number, given] = JSON.parse(question.args) as [unknown, StepOptions | null];
  const step = Number(number);
  const waiting: Waiting = {
    seq: question.seq,
    step,
    args: question.args,
    handlers: question.handlers,
    line: question.line,
    column: question.column,
    options: filterOptions(step, facts.start.steps[step - 1]!.options, given, deps.authenticators),
    parameters: addParameters(facts.parameters, given),
    chosen: null,
    proof: null,
    state: null,
    kept: {},
    away: false,
    attempts: 0,
    problem: null,
    username: null,
  };
  const { login, application, request, language } = course;
  return { login, journal, facts, waiting, application, request, language };
}

/** Shows the options, unless there is nothing to choose. */
async function enterStep(deps: FinishDeps, visit: Visit) {
  const { options } = visit.waiting;
  const { subject, accounts } = visit.facts;
  const only =
    options.length === 1 || options.every((option) => authenticatorOf(option, deps.authenticators)?.needsAccount);
  const lacksAccount = !subject || ('federated' in subject.person && !accounts.has(subject.ref));
  // With one option, or with none that somebody without an account could take, the first tells what there is to tell.
  if (options.length === 1 || (only && lacksAccount && (await willStayWithoutAccount(deps, visit)))) {
    return chooseOption(deps, visit, 0);
  }
  const sealed = sealWaiting(deps.box, visit.login.id, visit.waiting);
  const login = await deps.database.unit(({ logins }) => moveOn(logins, { ...visit.login, waitingSealed: sealed }));
  return { kind: 'page' as const, visit: { ...visit, login } };
}

async function willStayWithoutAccount({ database }: FinishDeps, { facts }: Visit): Promise<boolean> {
  const { subject } = facts;
  if (!subject || !('federated' in subject.person)) return true;
  const { connectionId, subject: name } = subject.person.federated;
  if (await database.read.users.findAssociation(connectionId, name)) return false;
  const connection = await database.read.connections.findById(connectionId);
  return facts.skipsProvisioning || connection?.jit.enabled !== true;
}

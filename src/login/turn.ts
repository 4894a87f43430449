import { emptyResult, PoolFull } from '../../sandbox/pool.ts';
import type { Bundle, PlayResult, Question, Reply, Verdict } from '../../sandbox/protocol.ts';
import { placeOf } from '../../sandbox/protocol.ts';
import { second } from '../kernel/clock.ts';
import { AppError, errors } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { AnsweringFunction, CallAnswer, ScriptFunction, SteeringFunction } from '../script-api/definition.ts';
import { executeStep } from '../script-api/functions/execute-step.ts';
import { guestFunctions, guestSteering, scriptFunctions } from '../script-api/index.ts';
import { readArguments, ScriptCallError } from '../script-api/read-arguments.ts';
import type { LoginDeps } from './deps.ts';
import { readFacts } from './facts.ts';
import { checkPeople } from './find-account.ts';
import type { PublishedFlow } from './flow.ts';
import type { JournalEntry } from './journal.ts';
import type { Login } from './login.ts';
import { filterOptions, type StepOptions } from './options.ts';
import { readPrompt } from './read-prompt.ts';
import { breakerDefaults, type Course, courseOf } from './script-breaker.ts';
import { checkCodeMails } from './script-mails.ts';
import { createPreparation } from './script-passwords.ts';
import { checkSecretNames, createSecrets } from './secrets.ts';
import { createLiveWorld } from './world.ts';

/**
 * What the sandbox plays: the version's script, with everything else pinned in the journal's first entry.
 * @param hashKey the login's own, to hide secret arguments with
 */
export function makeBundle(flow: PublishedFlow, journal: readonly { answer: string }[], hashKey: string): Bundle {
  const { steps, tenantDomain, serviceProviderName } = readFacts([{ op: 'start', args: '[]', ...journal[0]! }]).start;
  return {
    script: flow.scriptEnabled && flow.script !== null ? flow.script : plainScript(flow.steps.length),
    functions: guestFunctions,
    steering: guestSteering,
    steps,
    tenantDomain,
    serviceProviderName,
    libraries: flow.libraries ?? [],
    hashKey,
  };
}

/** Without a script, the steps run one after the other; through the same engine. */
function plainScript(steps: number): string {
  const calls = Array.from({ length: steps }, (_, i) => `executeStep(${i + 1});`).join(' ');
  return `function onLoginRequest(context) { ${calls} }`;
}

export interface LiveTurn {
  result: PlayResult;
  journal: JournalEntry[];
  /** The login with its cursor behind the entries that were added. */
  login: Login;
}

/**
 * Plays a login's script as far as it goes without the person. What it asks in the middle of a turn is answered from the
 * directory, each answer in one unit with its entry; steps make it stop. When this resolves, all of it is on disk.
 */
export async function playLive(
  deps: LoginDeps,
  flow: PublishedFlow,
  login: Login,
  journal: JournalEntry[],
): Promise<LiveTurn> {
  const { database, pool, limits, journals, clock, box } = deps;
  const bundle = makeBundle(flow, journal, box.mac('hidden arguments', login.id));
  const durable: Promise<void>[] = [];
  let current = login;

  async function answer(question: Question): Promise<Reply> {
    const { seq, op, args, scheduled } = question;
    try {
      if (await deps.typed.findForgotten(login.id, question.plainArgs ?? args)) return { wait: true };
      if (op === 'step') {
        checkCodeMails(question, flow);
        return checkStep(question, journal);
      }
      const { fn, given } = readCall(question);
      if (fn.effect === 'shows') {
        readPrompt(question, flow);
        return { wait: true };
      }
      const { start } = readFacts(journal.slice(0, 1));
      await checkSecretNames(
        fn,
        given,
        createSecrets({ stores: database.read, box, loginId: login.id, beganAt: start.at }),
      );
      if (fn.effect === 'asks') return { wait: true };
      const facts = readFacts(journal);
      checkPeople(fn, given, facts);
      const preparation = createPreparation({ ...deps, login, facts });
      if (fn.effect !== 'tells' && fn.prepare) given.push((await fn.prepare(preparation, ...given)) as never);
      const told = { op, args: question.plainArgs ?? args, loginId: login.id, seq, beganAt: start.at };
      const now = clock.now();
      const half = database.unit.early(async (stores) => {
        const world = createLiveWorld({
          ...deps,
          stores,
          facts,
          flow,
          loginId: login.id,
          applicationId: login.applicationId,
          now,
        });
        const text =
          fn.effect === 'tells' ? 'null' : writeAnswer(fn, await fn.run(world, ...given), { scheduled, now });
        const entry: JournalEntry = { op, args, answer: text, at: now, ...placeOf(question), cpuUs: null };
        await journals.append(stores.logins, login.id, seq, entry);
        if (fn.effect === 'tells') await deps.teller.keep(stores, told);
        const next = await moveOn(stores.logins, { ...current, cursor: seq + 1 });
        return { entry, next };
      });
      half.durable.catch(() => {}); // awaited below, with all others that were answered
      if (fn.effect === 'tells') {
        half.durable.then(() => deps.teller.tell(told)).catch(() => {}); // what is not on disk is not told
      }
      const { entry, next } = await half.value;
      durable.push(half.durable);
      journal.push(entry);
      current = next;
      return { answer: entry.answer };
    } catch (failure) {
      if (failure instanceof ScriptCallError) return { refuse: { code: 'SCRIPT_ERROR', message: failure.message } };
      throw failure;
    }
  }

  if (!deps.breaker.admit(login)) {
    deps.metrics.scriptRefused();
    return { result: emptyResult({ kind: 'ends', verdict: refusal }), journal, login };
  }
  let course: Course = 'untold';
  try {
    const began = performance.now();
    const result = await pool.play(bundle, journal, limits, answer).catch((failure: unknown) => {
      if (failure instanceof PoolFull) throw new AppError('OVERLOADED', { detail: failure.message, cause: failure });
      throw failure;
    });
    course = courseOf(result);
    deps.metrics.scriptPlayed(performance.now() - began, result.kind);
    await Promise.all(durable);
    return { result, journal, login: current };
  } finally {
    if (deps.breaker.record(login, course)) await tellRefusal(deps, login);
  }
}

const refusal: Verdict = {
  result: 'error',
  code: 'SCRIPT_SUSPENDED',
  message: 'Plays of this version used up their time or memory again and again, so it is not played for a while.',
  line: null,
  column: null,
};

async function tellRefusal({ database, clock, log }: LoginDeps, login: Login): Promise<void> {
  const { id: loginId, applicationId, version } = login;
  log.warn({ loginId, applicationId, version }, errors.SCRIPT_SUSPENDED.admin);
  await database.unit(({ audit }) =>
    audit.append({
      id: newId('event'),
      at: clock.now(),
      type: 'script.suspended',
      actor: 'system',
      target: applicationId,
      loginId,
      reference: null,
      code: 'SCRIPT_SUSPENDED',
      details: { version, cause: errors.SCRIPT_SUSPENDED.admin, seconds: breakerDefaults.restMs / second },
    }),
  );
}

/** Saves a login that has moved, and counts its revision. @throws AppError STEP_NOT_CURRENT when another request moved it. */
export async function moveOn(logins: { update(login: Login): Promise<boolean> }, login: Login): Promise<Login> {
  if (!(await logins.update(login)))
    throw new AppError('STEP_NOT_CURRENT', { detail: 'Another request moved the login on.' });
  return { ...login, revision: login.revision + 1 };
}

/**
 * The function that the sandbox asks for, and its arguments as `run` takes them.
 * @throws ScriptCallError when the call is wrong
 */
export function readCall({ op, args, plainArgs = args }: Pick<Question, 'op' | 'args' | 'plainArgs'>): {
  fn: Exclude<ScriptFunction, SteeringFunction>;
  given: never[];
} {
  const fn = scriptFunctions.get(op);
  if (!fn || fn.effect === 'steers') throw new AppError('INTERNAL', { detail: `The sandbox asked for «${op}».` });
  const given = readArguments(fn, JSON.parse(plainArgs)) as never[];
  if (fn.effect === 'asks' || fn.effect === 'tells') fn.check?.(...given);
  return { fn, given };
}

/** What a function said, as its journal entry has it. Called with handlers, it opens a turn; else the caller gets its data. */
export function writeAnswer(
  fn: AnsweringFunction,
  said: unknown,
  { scheduled, now }: { scheduled: boolean; now: number },
): string {
  if (fn.handlers === undefined) return JSON.stringify(said ?? null);
  const answer = said as CallAnswer;
  return JSON.stringify(scheduled ? { at: now, ...answer } : (answer.data ?? null));
}

/**
 * A step stops the play; one that cannot be shown at all is the script's mistake, told at the call's place.
 * @throws ScriptCallError
 */
export function checkStep(
  { args }: Pick<Question, 'args'>,
  journal: readonly { op: string; args: string; answer: string }[],
): { wait: true } {
  const [step, given] = readArguments(executeStep, JSON.parse(args)) as [number, StepOptions | undefined];
  const { start } = readFacts(journal.slice(0, 1) as JournalEntry[]);
  filterOptions(step, start.steps[step - 1]!.options, given ?? null);
  return { wait: true };
}

import type { Pool } from '../../sandbox/pool.ts';
import type { Limits, Question, Reply } from '../../sandbox/protocol.ts';
import { placeOf } from '../../sandbox/protocol.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { AppError } from '../kernel/errors.ts';
import type { StartAnswer } from '../login/answers.ts';
import { type FindAllowedUrl, failWithPage, grantAcr } from '../login/ending.ts';
import { readFacts } from '../login/facts.ts';
import { checkPeople } from '../login/find-account.ts';
import { linksAccounts } from '../login/flow.ts';
import type { JournalEntry } from '../login/journal.ts';
import type { LoginRequest } from '../login/login.ts';
import { type AuthenticatorNames, filterOptions, readStepCall } from '../login/options.ts';
import { answerWith, identifierOp, readPreHandler, readPrompt } from '../login/read-prompt.ts';
import { checkCodeMails } from '../login/script-mails.ts';
import { failByRules } from '../login/sign-in-rules.ts';
import { checkStep, makeBundle, readCall, writeAnswer } from '../login/turn.ts';
import { tenantDomain } from '../login/world.ts';
import { dryRunOf, runsDry } from '../script-api/dry-run.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import { describeEnd, describeUsage, failureOf } from './describe-end.ts';
import { type CanPass, createDryFactors } from './dry-factors.ts';
import type { AnswerSource, DryRunAnswer, DryRunRequest, RunDryRun } from './dry-run-types.ts';
import { createDrySteps } from './dry-steps.ts';
import { accountOf, createDryWorld, type ScenarioUser } from './dry-world.ts';
import { excerpt } from './excerpt.ts';
import { runFunction } from './run-function.ts';
import { nameSteps, plainRequest } from './start.ts';
import { makeTrace } from './trace.ts';

/** Dry runs: the real engine, with a scenario in place of the world. Nothing is written, sent or dialled. */
export function createDryRun({
  pool,
  limits,
  authenticators,
  clock,
  findAllowedUrl = (target) => URL.parse(target),
  canPass,
}: {
  pool: Pool;
  limits: Limits;
  authenticators: AuthenticatorNames;
  clock: { now(): number };
  /** Without it `sendError` may lead anywhere. */
  findAllowedUrl?: FindAllowedUrl;
  /** Without it nobody has to set a factor up. */
  canPass?: CanPass;
}): RunDryRun {
  return async (request) => {
    const { flow, scenario, applicationName } = request;
    const now = scenario.now === undefined ? clock.now() : Date.parse(scenario.now);
    const world = createDryWorld(request, { readFacts: () => readFacts(journal), canPass });
    const factors = createDryFactors(authenticators, canPass);
    const steps = createDrySteps({ request, world, authenticators, factors, now });
    const journal: JournalEntry[] = [startEntry(request, authenticators, applicationName, now)];
    /** When each entry was written, in milliseconds of the run; in the journal itself time stands still. */
    const writtenAt = [0];
    const began = performance.now();
    const effects: DryRunAnswer['effects'] = [];
    /** Of the answers of functions that are not their own, by the number of the entry. */
    const sources = new Map<number, AnswerSource>();
    const calls = new Map<string, number>();
    const bundle = makeBundle(flow, journal, 'dry run');
    let prompts = 0;
    let missing: Record<string, unknown> | null = null;

    async function answer(question: Question): Promise<Reply> {
      try {
        if (question.op !== 'step') return await answerCall(question);
        checkStep(question, journal);
        checkCodeMails(question, flow);
        const facts = readFacts(journal);
        const answered = await steps.answer(question, facts);
        if (!answered) {
          const { step, given } = readStepCall(question.args);
          const open = filterOptions(step, facts.start.steps[step - 1]!.options, given);
          return wait(question, { kind: 'step', step, options: open });
        }
        return keep(question, JSON.stringify(answered.answer), answered.notes);
      } catch (failure) {
        if (failure instanceof ScriptCallError) return { refuse: { code: 'SCRIPT_ERROR', message: failure.message } };
        throw failure;
      }
    }

    async function answerCall(question: Question): Promise<Reply> {
      const { op, scheduled } = question;
      const { fn, given } = readCall(question);
      checkPeople(fn, given, readFacts(journal));
      const rule = dryRunOf(fn);
      if (rule.recorded) effects.push({ name: op, args: showArguments(question, fn, given) });
      if (rule.stated === 'prompts') return answerPrompt(question);
      const stated = rule.stated === 'functions' ? nextStated(op) : null;
      if (stated) {
        const { outcome = 'success', data: given = null } = stated;
        const data = fn.result.holds ? await meetStated(given) : given;
        sources.set(journal.length, 'stated');
        return keep(question, JSON.stringify(scheduled ? { at: now, outcome, data } : data));
      }
      if (!runsDry(fn)) {
        if (rule.unstated === 'null') return keep(question, 'null');
        return wait(question, { kind: 'function', name: op, args: excerpt(JSON.parse(question.args)) });
      }
      const said = await runFunction(fn, world, given);
      if (fn.fake) sources.set(journal.length, 'fake');
      return keep(question, writeAnswer(fn, said, { scheduled, now }));
    }

    function answerPrompt(question: Question): Reply {
      readPrompt(question, flow);
      const skips = question.op === identifierOp && readPreHandler(question.args) === true;
      if (skips) return keep(question, JSON.stringify(answerWith('skip', {}, now)));
      const given = scenario.prompts?.[Math.min(prompts++, scenario.prompts.length - 1)];
      if (!given) {
        return wait(question, {
          kind: 'prompt',
          name: question.op === 'prompt' ? JSON.parse(question.args)[0] : question.op,
        });
      }
      return keep(question, JSON.stringify(answerWith(given.action, given.params ?? {}, now)));
    }

    /** The scenario has no further answer: what for is told. */
    function wait({ line, column, handlers }: Question, what: Record<string, unknown>): Reply {
      missing = { ...what, line, column, handlers };
      return { wait: true };
    }

    /** People whom the scenario lets a function find: stored ones by name, others as they are written. */
    async function meetStated(given: unknown): Promise<unknown> {
      if (Array.isArray(given)) return Promise.all(given.map(meetStated));
      if (given === null) return null;
      const stored = typeof given === 'string' ? await request.findUser(given) : null;
      const user = stored ?? (typeof given === 'string' ? { username: given } : (given as ScenarioUser));
      const ref = accountOf(user).id;
      if (!world.find(ref)) world.meet(ref, { kind: 'local', user });
      return ref;
    }

    /** The scenario's next answer to a function; the last one repeats. */
    function nextStated(op: string) {
      const given = scenario.functions?.[op];
      if (!given) return null;
      const index = calls.get(op) ?? 0;
      calls.set(op, index + 1);
      return given[Math.min(index, given.length - 1)]!;
    }

    function write(...entries: JournalEntry[]): void {
      journal.push(...entries);
      writtenAt.push(...entries.map(() => performance.now() - began));
    }

    function keep(question: Question, text: string, notes: JournalEntry[] = []): Reply {
      const { op, args } = question;
      write(...notes, { op, args, answer: text, at: now, ...placeOf(question) });
      return { answer: text, notes };
    }

    // The pool keeps its own copy of what was played: `journal` here grows with each answer, and so serves a second try.
    const result = await pool.play(bundle, journal, limits, answer);
    if (result.kind === 'busy') throw new AppError('SCRIPT_WALL_TIMEOUT');

    const facts = readFacts(journal);
    const amr = [...new Set(facts.passed.flatMap((passed) => passed.amr))];
    let failure = result.kind === 'waits' ? null : failureOf(result, findAllowedUrl);
    const unlinked = steps.findUnlinked(facts);
    if (result.kind === 'ends' && !failure && unlinked !== null) failure = failWithPage('WRONG_SUBJECT', {}, unlinked);
    if (result.kind === 'ends' && !failure) {
      const { note, problem, cancelled } = await steps.provisioning.provide(facts);
      if (note) write(note);
      if (cancelled) failure = failWithPage('CANCELLED');
      if (problem) failure = failWithPage(problem.code as ErrorCode, {}, problem.detail);
      if (!failure && facts.subject) {
        const { groups } = await world.people.get(facts.subject.ref);
        failure = failByRules(request.signInRules ?? [], facts, groups);
      }
    }
    const end = describeEnd(result, failure, missing, performance.now() - began);
    return {
      outcome: {
        ...end.outcome,
        acr: end.outcome.result === 'success' ? grantAcr(result.state.selectedAcr, amr) : null,
        amr,
        subject: facts.subject ? { ...(await world.people.get(facts.subject.ref)) } : null,
      },
      steps: steps.attempts,
      provisioning: steps.provisioning.previews,
      trace: makeTrace(
        journal.map((entry, seq) => ({ ...entry, at: writtenAt[seq]! })),
        result.said,
        end.trace,
        sources,
      ),
      logs: result.said.map(({ level, text, ...place }) => ({ level, message: text, ...placeOf(place) })),
      effects,
      usage: describeUsage(result, { limits, journal, script: bundle.script }),
    };
  };
}

/** As far as the script gave them; what is secret as the journal has it. */
function showArguments(
  { args }: Question,
  { parameters }: ReturnType<typeof readCall>['fn'],
  given: unknown[],
): unknown[] {
  return (JSON.parse(args) as unknown[]).map((kept, i) => (parameters[i]?.secret ? kept : given[i]));
}

function startEntry(
  { flow, scenario, connections }: DryRunRequest,
  authenticators: AuthenticatorNames,
  serviceProviderName: string,
  now: number,
): JournalEntry {
  const { ip = '203.0.113.7', headers = {}, params = {}, cookies = {}, acrValues = [] } = scenario.request ?? {};
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const asked: LoginRequest = {
    ip,
    headers: lowerCase,
    params,
    cookies,
    acrValues,
    ...plainRequest,
  };
  const start: StartAnswer = {
    at: now,
    // The same scenario gives the same run: chance is the scenario's own.
    seed: 1,
    asked,
    request: {
      ip,
      headers: lowerCase,
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])),
      cookies: Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, { value }])),
    },
    requestedAcr: acrValues,
    ...(linksAccounts(flow) ? { links: true as const } : {}),
    session: null,
    steps: nameSteps(flow, connections, authenticators),
    tenantDomain,
    serviceProviderName,
  };
  return { op: 'start', args: '[]', answer: JSON.stringify(start), at: now, line: null, column: null };
}

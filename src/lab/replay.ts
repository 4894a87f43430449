import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Pool, PoolFull } from '../../sandbox/pool.ts';
import type { Limits, Place, PlayResult, Question } from '../../sandbox/protocol.ts';
import { nowhere, placeOf } from '../../sandbox/protocol.ts';
import { AppError } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import { type ProvisioningNote, provisioningOp, type StartAnswer, type StepAnswer } from '../login/answers.ts';
import { endsWell, type Failure, type FindAllowedUrl, grantAcr } from '../login/ending.ts';
import { readFacts } from '../login/facts.ts';
import type { PublishedFlow } from '../login/flow.ts';
import type { JournalEntry } from '../login/journal.ts';
import type { AuthenticatorNames } from '../login/options.ts';
import { identifierOp } from '../login/read-prompt.ts';
import { makeBundle } from '../login/turn.ts';
import { scriptFunctions } from '../script-api/index.ts';
import { listTopNames } from '../validator/top-names.ts';
import { describeEnd, describeUsage, failureOf } from './describe-end.ts';
import type { DryRunAnswer } from './dry-run-types.ts';
import { excerpt } from './excerpt.ts';
import { createRecordedAnswers } from './recorded-answers.ts';
import type { Differs, Recording, ReplayAnswer } from './replay-types.ts';
import { makeTrace } from './trace.ts';

export interface ReplayDeps {
  pool: Pick<Pool, 'play'>;
  limits: Limits;
  authenticators: AuthenticatorNames;
  findAllowedUrl: FindAllowedUrl;
  /** The key that a login's secret arguments were hidden with. */
  hashKey(loginId: LoginId): string;
}

/** A play of a past login. */
export interface Replayed {
  result: PlayResult;
  /** What was played, with the recorded answers. */
  journal: readonly JournalEntry[];
  /** What nobody has answered in the login; null where everything was, or it ended before. */
  open: Question | null;
}

/**
 * Plays a past login's journal again, with nobody to answer but the journal.
 * @param steps the flow's options where it is another one than the login's; null for those pinned with the login
 * @throws AppError OVERLOADED; SCRIPT_WALL_TIMEOUT when the machine was too busy to tell
 */
export async function replay(
  { pool, limits, hashKey }: ReplayDeps,
  { loginId, journal: recorded }: Recording,
  flow: PublishedFlow,
  steps: StartAnswer['steps'] | null,
): Promise<Replayed> {
  const [first, ...others] = recorded as [JournalEntry, ...JournalEntry[]];
  const start = steps ? { ...first, answer: JSON.stringify({ ...readStart(first), steps }) } : first;
  const bundle = makeBundle(flow, [start], hashKey(loginId));

  // Most plays ask what the journal has, letter for letter: then nothing needs to be answered on the way.
  const sameOptions = steps === null || isDeepStrictEqual(steps, readStart(first).steps);
  let agreed = 1;
  if (sameOptions) {
    let open: Question | null = null;
    const result = await playOut([start, ...others], async (question) => {
      open = question;
      return { wait: true };
    });
    if (result.kind === 'differs') agreed = result.seq;
    // A play that broke a limit does not tell how far it came: asked question by question it does.
    else if (!isError(result)) return { result, journal: recorded, open };
  }
  const answers = createRecordedAnswers(recorded, [start, ...recorded.slice(1, agreed)]);
  const result = await playOut(answers.journal, answers.answer);
  if (endsWell(result)) answers.end();
  return { result, journal: answers.journal, open: answers.open };

  async function playOut(journal: JournalEntry[], answer: Answer): Promise<PlayResult> {
    const result = await pool.play(bundle, journal, limits, answer).catch(tellFull);
    if (result.kind === 'busy') throw new AppError('SCRIPT_WALL_TIMEOUT');
    return result;
  }
}

/** @throws AppError OVERLOADED */
function tellFull(failure: unknown): never {
  if (failure instanceof PoolFull) throw new AppError('OVERLOADED', { detail: failure.message, cause: failure });
  throw failure;
}

function isError(result: PlayResult): boolean {
  return result.kind === 'ends' && result.verdict.result === 'error';
}

function readStart({ answer }: JournalEntry): StartAnswer {
  return JSON.parse(answer);
}

/** What a play looked like from inside. */
export interface Inspected {
  moments: ReplayAnswer['moments'];
  /** The journal that was played, with the places of the script that was: a recorded entry has those of the login's. */
  journal: readonly JournalEntry[];
}

/** Plays once more what was played, and looks at the script's variables, its queue and its place at each question. */
export async function inspectReplay(
  { pool, limits, hashKey }: ReplayDeps,
  { loginId }: Recording,
  flow: PublishedFlow,
  { journal }: Replayed,
): Promise<Inspected> {
  const names = flow.script !== null && flow.scriptEnabled ? listTopNames(flow.script, limits.scriptBytes) : [];
  const bundle = { ...makeBundle(flow, journal, hashKey(loginId)), inspect: { names } };
  // A play that looks on may not decide anything: what it would ask beyond the journal is not answered.
  const { moments = [], asked = [] } = await pool.play(bundle, [...journal], limits, async () => ({ wait: true }));
  const places = new Map(asked.map((place) => [place.seq, place]));
  return {
    journal: journal.map((entry, seq) => placeAt(entry, places.get(seq))),
    moments: moments.map(({ seq, variables, queue }) => ({
      seq,
      variables,
      queue: queue.map(({ op, args, handlers, ...place }) => ({
        ...describeCall({ op, args }),
        handlers,
        ...placeOf(place),
      })),
    })),
  };
}

function placeAt(entry: JournalEntry, place: Place | undefined): JournalEntry {
  if (!place) return entry;
  const { library: _, ...rest } = entry;
  return { ...rest, ...placeOf(place) };
}

/** How the login itself went, as far as its journal says: for one whose version is gone, and to see whether the engine still agrees. */
export function readRecorded({ journal }: Recording, succeeded: boolean): Course {
  return { asked: listAsked(journal), end: succeeded ? 'success' : null };
}

/** What a play asked, and how it ended. */
export interface Course {
  /** In order, with what is still open. */
  asked: readonly (Place & { seq: number; op: string; args: string })[];
  /** Null where it is not known, or waits. */
  end: string | null;
}

export function courseOf({ result, journal, open }: Replayed): Course {
  const asked = [...listAsked(journal), ...(open ? [open] : [])];
  if (result.kind !== 'ends') return { asked, end: null };
  const { verdict } = result;
  return { asked, end: verdict.result === 'error' ? verdict.code : verdict.result };
}

/** Notes were not asked for; they count as entries all the same. */
function listAsked(journal: readonly JournalEntry[]): Course['asked'] {
  return journal.map((entry, seq) => ({ ...entry, seq })).filter(({ note }) => !note);
}

/** The first thing that `now` does otherwise than `was`; null where there is none. */
export function findDifference(was: Course, now: Course): Differs | null {
  for (let i = 0; i < Math.max(was.asked.length, now.asked.length); i++) {
    const [before, after] = [was.asked[i], now.asked[i]];
    if (before && after && before.op === after.op && before.args === after.args) continue;
    // A journal that tells of no end may have gone on like this.
    if (!before && was.end === null) return null;
    return tell(
      after?.seq ?? before!.seq,
      after ?? nowhere,
      describeAsked(before, was.end),
      describeAsked(after, now.end),
    );
  }
  if (was.end === null || was.end === now.end) return null;
  return tell(
    (now.asked.at(-1)?.seq ?? 0) + 1,
    nowhere,
    describeAsked(undefined, was.end),
    describeAsked(undefined, now.end),
  );
}

/** Before how a play ended, where others have the name of a call. */
const ending = 'end: ';

function tell(seq: number, { line, column }: Place, recorded: Differs['recorded'], now: Differs['now']): Differs {
  const words = (what: Differs['now']) =>
    what === null
      ? 'stopped'
      : what.name.startsWith(ending)
        ? `ended with ${what.name.slice(ending.length)}`
        : `called ${what.name}(${what.args.map((arg) => JSON.stringify(arg)).join(', ')})`;
  const message = `The login ${words(recorded)}; this script ${words(now)}.`;
  return { seq, line, column, recorded, now, message };
}

function describeAsked(asked: Course['asked'][number] | undefined, end: string | null): Differs['now'] {
  if (!asked) return end === null ? null : { name: `${ending}${end}`, args: [] };
  return describeCall(asked);
}

function describeCall({ op, args }: { op: string; args: string }): { name: string; args: unknown[] } {
  return { name: op === 'step' ? 'executeStep' : op, args: excerpt(JSON.parse(args)) as unknown[] };
}

/**
 * Tells of a play what a dry run tells.
 * @param refusal what ends the login where the play alone would end well, or wait
 */
export function describeReplay(
  { limits, findAllowedUrl }: Pick<ReplayDeps, 'limits' | 'findAllowedUrl'>,
  { result, journal, open }: Replayed,
  flow: PublishedFlow,
  refusal: Failure | null,
): DryRunAnswer {
  const facts = readFacts(journal);
  const amr = [...new Set(facts.passed.flatMap((passed) => passed.amr))];
  const failed = result.kind === 'ends' || result.kind === 'differs' ? failureOf(result, findAllowedUrl) : null;
  const failure = refusal ?? failed;
  const end = describeEnd(result, failure, open && describeOpen(open), journal.at(-1)!.at);
  return {
    outcome: {
      ...end.outcome,
      acr: end.outcome.result === 'success' ? grantAcr(result.state.selectedAcr, amr) : null,
      amr,
      subject: facts.subject ? readPerson(journal, facts.subject.ref) : null,
    },
    steps: listSteps(journal),
    provisioning: listProvisioning(journal),
    trace: makeTrace(journal, result.said, end.trace),
    logs: result.said.map(({ level, text, ...place }) => ({ level, message: text, ...placeOf(place) })),
    effects: listEffects(journal),
    usage: describeUsage(result, { limits, journal, script: flow.script ?? '' }),
  };
}

function describeOpen({ op, args, line, column, handlers }: Question): Record<string, unknown> {
  const given = excerpt(JSON.parse(args)) as unknown[];
  const place = { line, column, handlers };
  if (op === 'step') return { kind: 'step', step: Number(given[0]), ...place };
  return op === 'prompt' || op === identifierOp
    ? { kind: 'prompt', name: op === 'prompt' ? given[0] : op, ...place }
    : { kind: 'function', name: op, args: given, ...place };
}

function listSteps(journal: readonly JournalEntry[]): DryRunAnswer['steps'] {
  return journal.flatMap(({ op, answer }) => {
    if (op !== 'step') return [];
    const { step, idp, authenticator, outcome } = JSON.parse(answer) as StepAnswer;
    return [{ step, idp, authenticator, outcome }];
  });
}

/** What was done then; the accounts themselves are read where people are. */
function listProvisioning(journal: readonly JournalEntry[]): DryRunAnswer['provisioning'] {
  const { passed } = readFacts(journal);
  return journal.flatMap(({ op, answer }) => {
    if (op !== provisioningOp) return [];
    const { step, provisioning } = JSON.parse(answer) as ProvisioningNote;
    const { result, changes = [], problem = null } = provisioning;
    const idp = passed.findLast((one) => one.step === step)?.idp ?? '';
    const told = problem && { code: problem.code, detail: problem.detail ?? '' };
    return [{ step, idp, result, before: null, account: null, changes, asks: [], problem: told }];
  });
}

export function listEffects(journal: readonly JournalEntry[]): DryRunAnswer['effects'] {
  return journal.flatMap(({ op, args }) => {
    const effect = scriptFunctions.get(op)?.effect;
    const acts = effect !== undefined && effect !== 'reads' && effect !== 'steers' && effect !== 'shows';
    return acts ? [{ name: op, args: JSON.parse(args) as unknown[] }] : [];
  });
}

/** The person as the script saw them last; by their reference alone where it never looked. */
function readPerson(journal: readonly JournalEntry[], ref: string): Record<string, unknown> {
  const seen = journal.findLast(({ op, args }) => op === 'user.load' && JSON.parse(args)[0] === ref);
  return { ref, ...(seen ? JSON.parse(seen.answer) : {}) };
}

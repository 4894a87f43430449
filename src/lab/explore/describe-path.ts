import { nowhere, placeOf } from '../../../sandbox/protocol.ts';
import { errors } from '../../kernel/errors.ts';
import { endsWell, readFailure } from '../../login/ending.ts';
import { isSet, readStepCall } from '../../login/options.ts';
import type { WatchedScript } from '../../validator/watched-script.ts';
import { type Choice, takenOf } from './choices.ts';
import type { Bounds } from './explore.ts';
import type { Cut, ExploredPath, PathAnswer } from './explore-types.ts';
import type { PlayedPath } from './play-path.ts';
import type { StepAlternative } from './step-answers.ts';

/** A path as people read it. */
export function describePath(
  path: PlayedPath,
  number: number,
  { placeBefore }: WatchedScript,
  answerOf: (choice: Choice) => PathAnswer,
): ExploredPath {
  const { choices, selectedAcr } = path;
  const steps = choices
    .filter(({ kind }) => kind === 'step')
    .map((choice) => ({ ...(takenOf(choice) as StepAlternative).told, ...placeOf(choice), ...subjectMark(choice) }));
  const shown = choices.filter(({ name }) => name !== 'start' && name !== 'user.load');
  return {
    number,
    answers: shown.map(answerOf),
    steps: steps.map(({ marks: _, ...step }) => ({ ...step, amr: [...step.amr], offered: [...step.offered] })),
    subject: findSubject(steps),
    outcome: describeOutcome(path, placeBefore),
    ...(path.endRefusal ? { endsWithoutAccount: [...path.endRefusal.codes] } : {}),
    acr: selectedAcr,
    open: choices.flatMap((choice) => {
      const why = takenOf(choice).open;
      return why === undefined ? [] : [{ what: choice.name, why, ...placeOf(choice) }];
    }),
  };
}

/** Describes choices for all paths of an exploration: they share those up to where they part. */
export function createAnswerOf(): (choice: Choice) => PathAnswer {
  const known = new Map<Choice, PathAnswer>();
  return (choice) => {
    const answer = known.get(choice) ?? describeAnswer(choice);
    known.set(choice, answer);
    return answer;
  };
}

function describeAnswer(choice: Choice): PathAnswer {
  return {
    kind: choice.kind,
    name: choice.name,
    args: choice.kind === 'reads' ? [] : shownArgs(choice.args),
    answer: takenOf(choice).label,
    of: choice.alternatives.length,
    ...placeOf(choice),
  };
}

/** In characters, as JSON. */
const longestArgs = 4000;

function shownArgs(args: string): unknown[] {
  return args.length > longestArgs ? [`${args.slice(0, longestArgs)}…`] : (JSON.parse(args) as unknown[]);
}

function subjectMark({ args }: Choice): { marks: boolean } {
  return { marks: isSet(readStepCall(args).given, 'markAsSubjectIdentifierStep') };
}

/** As `readFacts` finds it: the person of the first step that proves, or of the marked one. */
function findSubject(
  steps: readonly (Pick<ExploredPath['steps'][number], 'step' | 'outcome' | 'proves' | 'idp' | 'account'> & {
    marks: boolean;
  })[],
): ExploredPath['subject'] {
  const proven = steps.filter(({ outcome, proves }) => outcome === 'success' && proves);
  const found = proven.find(({ marks }) => marks) ?? proven[0];
  return found ? { step: found.step, idp: found.idp!, account: found.account! } : null;
}

function describeOutcome(
  { end, cut, refused }: PlayedPath,
  placeBefore: WatchedScript['placeBefore'],
): ExploredPath['outcome'] {
  if (cut || end.kind === 'waits' || end.kind === 'busy') {
    const code = cut?.reason ?? end.kind;
    return { result: 'cut', code, message: null, ...placeOf(cut?.question ?? { line: null, column: null }) };
  }
  if (endsWell(end)) {
    if (refused) return { result: 'failure', code: refused, message: errors[refused].admin, ...nowhere };
    return { result: 'success', code: null, message: null, ...nowhere };
  }
  const { code, detail } = readFailure(end, (url) => URL.parse(url));
  const verdict = end.kind === 'ends' && end.verdict.result !== 'success' ? end.verdict : null;
  return {
    result: verdict?.result === 'error' || !verdict ? 'error' : 'failure',
    code,
    message: verdict?.result === 'error' ? verdict.message : (detail ?? errors[code].admin),
    ...(verdict ? placeBefore(placeOf(verdict)) : { line: null, column: null }),
  };
}

/** Why the path says less than it should; null for one that was followed to its end. */
export function describeCut({ cut, end }: PlayedPath, { outcome }: ExploredPath, bounds: Bounds): Cut | null {
  const place = placeOf(outcome);
  if (cut?.reason === 'loop') {
    const message = `The call is made again and again: it was followed ${bounds.loops} times.`;
    return { reason: 'loop', message, paths: 1, ...place };
  }
  if (cut) return { reason: 'depth', message: `The path has more than ${bounds.depth} answers.`, paths: 1, ...place };
  if (end.kind === 'busy')
    return { reason: 'busy', message: 'The machine was too busy to play it.', paths: 1, ...place };
  if (end.kind !== 'differs') return null;
  const message = 'Played again with another answer, the script asked something else before it came there.';
  return { reason: 'differs', message, paths: 1, ...place };
}

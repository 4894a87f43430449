import type { Move, StepProblem } from './authenticator.ts';

/** The page, with nothing to keep between two answers. */
export function show(problem?: StepProblem): Move {
  return problem ? { kind: 'show', state: {}, problem } : { kind: 'show', state: {} };
}

import type { OfferedOption } from '../offered.ts';

/*
 * What may be so at one place of a script. Sets of possibilities are bits of a number, one number for each step:
 *
 *   bit 0          the step has not run (or ended without anybody having chosen an option)
 *   bit 1 + i      the step was passed with its option i
 *   bit 1 + n + i  the step was not passed, option i having been chosen; n is how many options it has
 */

/** Steps count from 0 here. */
export interface State {
  /** What `context.steps[…]` may show. */
  seen: readonly number[];
  /** With which options somebody may have passed, in any run of the step. */
  people: readonly number[];
  /** What will have run before the next thing that is scheduled: calls of this turn, with all that their callbacks run. */
  waiting: readonly number[];
}

/** More options than this would not fit into the bits of a number. */
export const maxOptions = 14;

export const notRun = 1;

export function passedWith(option: number): number {
  return 1 << (1 + option);
}

export function missedWith(option: number, options: readonly OfferedOption[]): number {
  return 1 << (1 + options.length + option);
}

/** All bits for having passed a step with these options. */
export function allPassed(options: readonly OfferedOption[]): number {
  return options.reduce((bits, _, i) => bits | passedWith(i), 0);
}

export function allMissed(options: readonly OfferedOption[]): number {
  return options.reduce((bits, _, i) => bits | missedWith(i, options), 0);
}

/** Before the first turn. */
export function firstState(steps: number): State {
  const none = new Array<number>(steps).fill(0);
  return { seen: none.map(() => notRun), people: none, waiting: none };
}

/** Nothing is known: any step may have run, in any way. */
export function anyState(offered: readonly OfferedOption[][]): State {
  return {
    seen: offered.map((options) => notRun | allPassed(options) | allMissed(options)),
    people: offered.map(allPassed),
    waiting: offered.map(() => 0),
  };
}

/** Either; null is «cannot come here». */
export function join(a: State | null, b: State | null): State | null {
  if (a === null || b === null) return a ?? b;
  return { seen: union(a.seen, b.seen), people: union(a.people, b.people), waiting: union(a.waiting, b.waiting) };
}

export function union(a: readonly number[], b: readonly number[]): number[] {
  return a.map((bits, i) => bits | (b[i] ?? 0));
}

export function replaceAt(bits: readonly number[], step: number, value: number): number[] {
  return bits.map((before, i) => (i === step ? value : before));
}

/** The state at the start of a later turn: everything that waited has run. */
export function beginTurn(state: State, offered: readonly OfferedOption[][]): State {
  return {
    seen: union(state.seen, state.waiting),
    people: union(
      state.people,
      state.waiting.map((bits, i) => bits & allPassed(offered[i] ?? [])),
    ),
    waiting: state.waiting.map(() => 0),
  };
}

export function keyOf(state: State | null): string {
  return state === null ? '' : [state.seen, state.people, state.waiting].join(';');
}

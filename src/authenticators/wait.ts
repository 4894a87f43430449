import { second } from '../kernel/clock.ts';
import type { StepProblem } from './authenticator.ts';

/** The problem of somebody who has to wait before the next try. @param wait in milliseconds. */
export function tryLater(wait: number): StepProblem {
  return { code: 'TRY_LATER', params: { wait: String(Math.ceil(wait / second)) } };
}

import { minute } from '../../kernel/clock.ts';
import type { StepState } from '../authenticator.ts';

/** In milliseconds. */
export const codeLifetime = 10 * minute;

/** What the step keeps between two requests. */
export interface EmailOtpState {
  /** The newest code; null while none could be sent. */
  code: { hash: string; address: string; expiresAt: number } | null;
  /** How many codes were sent. */
  sent: number;
  /** How many wrong codes came, over all codes of the step. */
  wrong: number;
}

export function toStepState(state: EmailOtpState): StepState {
  return { ...state };
}

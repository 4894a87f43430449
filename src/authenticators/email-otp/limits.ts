import type { StepContext } from '../authenticator.ts';

/** What a script may set for the step; nonsense is as if it had not been set. */
export interface EmailOtpLimits {
  /** Wrong codes that the step takes. A script can lower the authenticator's own number, not raise it. */
  failures: number;
  resends: number;
  /** Does one resend too many end the step? Else it is refused, and the newest code goes on working. */
  endsAfterResends: boolean;
}

export const defaultLimits: EmailOtpLimits = { failures: 5, resends: 5, endsAfterResends: false };

export function readLimits({ parameters }: Pick<StepContext, 'parameters'>): EmailOtpLimits {
  const failures = count(parameters['maximumAllowedFailureAttempts']);
  return {
    failures: failures === null || failures === 0 ? defaultLimits.failures : Math.min(failures, defaultLimits.failures),
    resends: count(parameters['maximumAllowedResendAttempts']) ?? defaultLimits.resends,
    endsAfterResends: parameters['terminateOnResendLimitExceeded'] === 'true',
  };
}

/** A whole number up to 100; null when it is none. */
function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Math.min(Number(text), 100) : null;
}

import type { ErrorCode } from '../kernel/errors.ts';
import type { Login, LoginStatus } from '../login/login.ts';

/** How a login stands. */
export function stateOf(
  { status, failureCode, expiresAt, endedAt }: Pick<Login, 'status' | 'failureCode' | 'expiresAt' | 'endedAt'>,
  now: number,
): { status: LoginStatus; failureCode: ErrorCode | null; endedAt: number | null } {
  if (status !== 'running' || expiresAt > now) return { status, failureCode, endedAt };
  return { status: 'expired', failureCode: 'LOGIN_EXPIRED', endedAt: expiresAt };
}

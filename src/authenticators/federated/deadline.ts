import { AppError } from '../../kernel/errors.ts';
import type { Waited } from '../authenticator.ts';

/**
 * The result of `work`, or EGRESS_TIMEOUT after so many milliseconds. The work is left behind, not stopped: each of its
 * requests has a deadline of its own.
 */
export async function withDeadline<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AppError('EGRESS_TIMEOUT', { detail: `It took longer than ${milliseconds} ms in all.` })),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Where one provider has taken all the time, so much of it is left over for another to which the script leads on. */
const reserve = 0.1;

/**
 * As `withDeadline`, for one of the waits of a page request: all of them together take no longer than the deadline and its
 * reserve.
 */
export async function withPageDeadline<T>(work: Promise<T>, waited: Waited, milliseconds: number): Promise<T> {
  const left = milliseconds * (1 + reserve) - waited.ms;
  const began = performance.now();
  try {
    return await withDeadline(work, Math.max(0, Math.floor(Math.min(milliseconds, left))));
  } finally {
    waited.ms += performance.now() - began;
  }
}

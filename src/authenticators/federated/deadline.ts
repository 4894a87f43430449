import { AppError } from '../../kernel/errors.ts';

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

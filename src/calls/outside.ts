import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { type Clock, second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { OpenOutside } from '../login/call.ts';
import { type OutsideAnswer, OutsideFailure, type OutsideRequest } from '../script-api/outside.ts';
import { createTokens } from './tokens.ts';

/** Of one request, from the name's look-up to the last byte. */
const deadline = 5 * second;

/** Of one answer: it goes into the journal, and with every turn of the login through the script's memory. */
const maxBytes = 256 * 1024;

/** What the calls of scripts reach, through the only way out. */
export function createOutside({ fetch, clock }: { fetch: GuardedFetch['fetch']; clock: Clock }): OpenOutside {
  const tokens = createTokens({ clock });

  async function send({ method, url, headers, body }: OutsideRequest, signal: AbortSignal): Promise<OutsideAnswer> {
    try {
      const answer = await fetch(url, { method, headers, body, signal, deadline, maxBytes });
      const mediaType = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
      return { status: answer.status, mediaType, text: await answer.text() };
    } catch (failure) {
      signal.throwIfAborted();
      if (!(failure instanceof AppError)) throw failure;
      const outcome = failure.code === 'EGRESS_TIMEOUT' ? 'timeout' : 'fail';
      throw new OutsideFailure(outcome, failure.code, failure.detail ?? null);
    }
  }

  return ({ loginId, seq, signal }) => ({
    key: `${loginId}:${seq}`,
    send: (request) => send(request, signal),
    reveal: async (text) => text,
    token: tokens.get,
    forgetToken: tokens.forget,
    integration: () => null,
  });
}

import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { type Clock, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { OpenOutside } from '../login/call.ts';
import { type OutsideAnswer, OutsideFailure, type OutsideRequest } from '../script-api/outside.ts';
import type { Stores } from '../stores.ts';
import { createRevealer } from './reveal.ts';
import { createTokens } from './tokens.ts';

/** Of one request, from the name's look-up to the last byte. */
const deadline = 5 * second;

/** Of one answer: it goes into the journal, and with every turn of the login through the script's memory. */
const maxBytes = 256 * 1024;

/** What the calls of scripts reach, through the only way out. */
export function createOutside({
  fetch,
  clock,
  box,
  database,
}: {
  fetch: GuardedFetch['fetch'];
  clock: Clock;
  box: CryptoBox;
  database: Pick<Database<Pick<Stores, 'secrets'>>, 'read'>;
}): OpenOutside {
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

  return ({ loginId, seq, signal }) => {
    const { reveal, conceal } = createRevealer({ secrets: database.read.secrets, box, loginId });
    return {
      key: `${loginId}:${seq}`,
      async send(request) {
        const answer = await send(request, signal);
        return { ...answer, text: conceal(answer.text) };
      },
      reveal,
      token: tokens.get,
      forgetToken: tokens.forget,
    };
  };
}

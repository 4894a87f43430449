import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { OpenOutside } from '../login/call.ts';
import type { TypedFields } from '../login/typed.ts';
import { callLimits } from '../script-api/http/limits.ts';
import {
  type Integration,
  type IntegrationName,
  type OutsideAnswer,
  OutsideFailure,
  type OutsideRequest,
} from '../script-api/outside.ts';
import { writePlaceholder } from '../secrets/placeholder.ts';
import type { Stores } from '../stores.ts';
import { createRevealer } from './reveal.ts';
import { createTokens } from './tokens.ts';

/** What the calls of scripts reach, through the only way out. */
export function createOutside({
  fetch,
  clock,
  box,
  database,
  integrations,
  typed,
}: {
  fetch: GuardedFetch['fetch'];
  clock: Clock;
  box: CryptoBox;
  database: Pick<Database<Pick<Stores, 'secrets'>>, 'read'>;
  integrations: Readonly<Record<IntegrationName, Integration | null>>;
  typed: Pick<TypedFields, 'open'>;
}): OpenOutside {
  const tokens = createTokens({ clock });

  async function send({ method, url, headers, body }: OutsideRequest, signal: AbortSignal): Promise<OutsideAnswer> {
    try {
      const { requestTime, answerBytes } = callLimits;
      const bounds = { deadline: requestTime.value, maxBytes: answerBytes.value };
      const answer = await fetch(url, { method, headers, body, signal, ...bounds });
      const mediaType = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
      return { status: answer.status, mediaType, text: await answer.text() };
    } catch (failure) {
      signal.throwIfAborted();
      if (!(failure instanceof AppError)) throw failure;
      const outcome = failure.code === 'EGRESS_TIMEOUT' ? 'timeout' : 'fail';
      throw new OutsideFailure(outcome, failure.code, failure.detail ?? null);
    }
  }

  return ({ loginId, seq, beganAt, signal }) => {
    const { reveal, conceal } = createRevealer({ secrets: database.read.secrets, box, loginId, typed });
    return {
      key: `${loginId}:${seq}`,
      async send(request) {
        const answer = await send(request, signal);
        return { ...answer, text: conceal(answer.text) };
      },
      integration: (name) => integrations[name],
      async secret(name) {
        const found = await database.read.secrets.findVersionAt(name, beganAt);
        if (!found) throw new OutsideFailure('fail', 'CALL_FAILED', `The secret «${name}» is gone.`);
        return writePlaceholder(box, loginId, { kind: 'secret', name, version: found.version });
      },
      reveal,
      token: tokens.get,
      forgetToken: tokens.forget,
    };
  };
}

import { findVerifiedAddress } from '../../directory/verified-address.ts';
import { second } from '../../kernel/clock.ts';
import { type Authenticator, defineAuthenticator } from '../authenticator.ts';
import { readCode } from '../read-code.ts';
import { emailOtpDefinition } from './definition.ts';
import type { EmailOtpDeps } from './deps.ts';
import { readLimits } from './limits.ts';
import { sendCode } from './send.ts';
import { codeLifetime, type EmailOtpState } from './state.ts';
import { verifyMailCode } from './verify.ts';

/**
 * A code of eight digits to the verified mail address of the account. It works for ten minutes, for this step of this
 * login, once, and as long as the address stays verified; a new one replaces it. Codes are kept as keyed hashes, and their
 * mails are put into the outbox in the unit that keeps the hash. The form's `action` `resend` asks for a new one.
 */
export function createEmailOtp(deps: EmailOtpDeps): Authenticator {
  return defineAuthenticator({
    ...emailOtpDefinition,

    isUsable: async (_stores, user) => findVerifiedAddress(user) !== null,

    async begin(context) {
      return (stores) => sendCode(deps, { context, stores, before: { code: null, sent: 0, wrong: 0 } });
    },

    async answer(context, state, form) {
      const before = state as unknown as EmailOtpState;
      if (form['action'] === 'resend') {
        const { resends, endsAfterResends } = readLimits(context);
        if (before.sent <= resends) return (stores) => sendCode(deps, { context, stores, before });
        const problem = { code: 'RESEND_TOO_OFTEN' } as const;
        return async () => (endsAfterResends ? { kind: 'failed', problem } : { kind: 'show', state, problem });
      }
      const code = readCode(form['code']);
      if (!code) return async () => ({ kind: 'show', state, problem: { code: 'CODE_MISSING', field: 'code' } });
      return (stores) => verifyMailCode(deps, { context, stores, before, code });
    },

    view(context, state) {
      const { code, sent } = state as unknown as EmailOtpState;
      const model = {
        maskedAddress: context.claimed ? null : deps.maskAddress(code?.address ?? ''),
        lifetime: codeLifetime / second,
        canResend: sent <= readLimits(context).resends,
        sentAgain: sent > 1,
      };
      return { view: 'email-otp', model };
    },
  });
}

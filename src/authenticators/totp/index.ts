import type { Throttling } from '../../directory/throttling.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { Stores } from '../../stores.ts';
import {
  type Authenticator,
  defineAuthenticator,
  type Move,
  type StepContext,
  type StepState,
} from '../authenticator.ts';
import { readCode } from '../read-code.ts';
import { totpDefinition } from './definition.ts';
import { type EnrolmentDeps, finishEnrolment } from './enrol.ts';
import { newTotpKey, totpUri } from './time-code.ts';
import { verifyCode } from './verify.ts';

export interface TotpDeps extends EnrolmentDeps {
  box: CryptoBox;
  throttling: Throttling;
  /** How this server calls itself in people's apps. */
  issuer: string;
}

/** What the step keeps: the key that the person is setting up, or nothing while an existing factor is asked for. */
type TotpState = { key: string } | Record<string, never>;

/**
 * Codes of an authenticator app (RFC 6238). Somebody without the factor sets it up here when the login says that this is
 * allowed: the key is kept with the step, encrypted, until the first right code proves that an app has it; only then is
 * the factor stored, and a mail tells of it. Whether it is allowed (`enrolUserInAuthenticationFlow`; never when another
 * factor of the account can be used) is for the login to decide; that the account has no factor yet is checked again here,
 * in the unit that stores it.
 */
export function createTotp(deps: TotpDeps): Authenticator {
  return defineAuthenticator({
    ...totpDefinition,

    async isUsable(stores, user) {
      return (await listTotpFactors(stores, user.id)).length > 0;
    },

    async begin(context) {
      return (stores) => start(context, stores);
    },

    async answer(context, state, form) {
      const { claimed } = context;
      const user = context.user ?? claimed?.user ?? null;
      if (!user && !claimed) return async () => accountRequired;
      const { key } = state as TotpState;
      const code = readCode(form['code']);
      return async (stores) => {
        if (!code) return { kind: 'show', state, problem: { code: 'CODE_MISSING', field: 'code' } };
        const factors = user ? await listTotpFactors(stores, user.id) : [];
        if (claimed) return verifyCode(deps, { context, user, factors, code, stores });
        if (!user) return accountRequired;
        if (factors.length > 0) {
          // Set up meanwhile, in another login: this key is not wanted any more, and its codes mean nothing.
          if (key !== undefined) return { kind: 'show', state: {} };
          return verifyCode(deps, { context, user, factors, code, stores });
        }
        if (key === undefined || !context.enrolment.allowed) return start(context, stores);
        return finishEnrolment(deps, { context, user, key, code, stores });
      };
    },

    view(context, state) {
      const { key } = state as TotpState;
      if (key === undefined) return { view: 'totp-verify', model: {} };
      const account = context.user?.username ?? '';
      return { view: 'totp-enrol', model: { key, otpauthUri: totpUri({ key, issuer: deps.issuer, account }) } };
    },
  });
}

async function start({ user, claimed, enrolment }: StepContext, stores: Stores): Promise<Move> {
  // The same page whether there is such an account or not, and whether it has an app.
  if (claimed) return { kind: 'show', state: {} };
  if (!user) return accountRequired;
  if ((await listTotpFactors(stores, user.id)).length > 0) return { kind: 'show', state: {} };
  if (!enrolment.allowed) return { kind: 'failed', problem: { code: 'ENROLMENT_OFF' } };
  const state: StepState = { key: newTotpKey() };
  return { kind: 'show', state };
}

async function listTotpFactors({ users }: Pick<Stores, 'users'>, userId: Parameters<typeof users.listFactors>[0]) {
  return (await users.listFactors(userId)).filter((factor) => factor.type === 'totp');
}

const accountRequired = { kind: 'failed', problem: { code: 'ACCOUNT_REQUIRED' } } as const satisfies Move;

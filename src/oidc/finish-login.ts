import type { InteractionResults } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { isRecord } from '../kernel/json.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { LoginFinisher, LoginResult } from '../login/handoff.ts';
import { withoutReserved } from './claim-names.ts';
import { sealFacts } from './keep-session.ts';
import { sealClaims } from './sign-ins.ts';
import type { OidcStores } from './stores.ts';
import { findUnmetDemand } from './unmet-demand.ts';

interface StoredInteraction {
  iat: number;
  params: Record<string, unknown>;
  returnTo: string;
  session?: unknown;
  result?: InteractionResults & { answer: string };
}

/** Takes a login's result back into the authorization request that it was begun for. */
export function createFinisher({
  database,
  box,
  clock,
}: {
  database: Pick<Database<OidcStores>, 'read'>;
  box: CryptoBox;
  clock: Clock;
}): LoginFinisher {
  return {
    async isOpen(interactionUid) {
      const artifact = await database.read.artifacts.find('Interaction', interactionUid);
      return artifact !== null && (artifact.expiresAt === null || artifact.expiresAt > clock.now());
    },

    /**
     * The same result again gives the same redirect; another one is refused.
     * @throws AppError LOGIN_EXPIRED when the request is over, STEP_NOT_CURRENT when it has another result.
     */
    async finish({ artifacts }, interactionUid, result) {
      const artifact = await artifacts.find('Interaction', interactionUid);
      if (!artifact || (artifact.expiresAt !== null && artifact.expiresAt <= clock.now())) {
        throw new AppError('LOGIN_EXPIRED', { detail: 'The application’s request is no longer open.' });
      }
      const interaction = JSON.parse(artifact.payload) as StoredInteraction;
      // A keyed hash: the result holds attributes, which stand here sealed only.
      const answer = box.mac('oidc-answer', sortedJson(result));
      if (interaction.result && interaction.result.answer !== answer) {
        throw new AppError('STEP_NOT_CURRENT', { detail: 'The application’s request has another result already.' });
      }
      if (!interaction.result) {
        const unmet = result.ok ? findUnmetDemand(interaction.params, interaction.iat, result) : null;
        const told = unmet ?? result;
        // The browser is known by the login's own cookie. The session that it had at the start may be over by now.
        const { session: _, ...rest } = interaction;
        await artifacts.upsert({
          ...artifact,
          accountId: told.ok ? told.subject : artifact.accountId,
          payload: JSON.stringify({ ...rest, result: { ...toInteractionResult(box, told), answer } }),
        });
      }
      return { redirectTo: interaction.returnTo };
    },
  };
}

/** As the provider takes it back into the request. */
export function toInteractionResult(box: CryptoBox, result: LoginResult): InteractionResults {
  if (!result.ok) {
    return {
      error: /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(result.error) ? result.error : 'access_denied',
      error_description: result.errorDescription,
      ...(result.errorUri === undefined ? {} : { error_uri: result.errorUri }),
    };
  }
  return {
    login: {
      accountId: result.subject,
      amr: result.amr,
      ts: result.authTime,
      ...(result.acr === null ? {} : { acr: result.acr }),
      loginId: result.loginId,
      account: result.account,
      session: result.session,
      factsSealed: sealFacts(box, result.loginId, result.facts),
      claimsSealed: sealClaims(box, result.loginId, withoutReserved(result.claims)),
    },
    // A login always asks who signs in, so this prompt is answered by it.
    select_account: {},
  };
}

/** JSON in which the order of an object's members makes no difference. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isRecord(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

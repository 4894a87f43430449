import type { AuthenticatorDefinition } from '../authenticators/authenticator.ts';
import type { User } from '../directory/user.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { AuthenticatorNames, StepOption } from '../login/options.ts';

/** Can this account pass the authenticator as things are? Undefined where nothing has to be set up for it. */
export type CanPass = (authenticator: string, user: User) => Promise<boolean | undefined>;

/**
 * What a login asks of an account that has yet to set a factor up (`src/login/step.ts`): another way of the step that it can
 * pass comes first. Known of stored accounts, and of those that the login would make; of a person whom the scenario made up
 * it is as the scenario says.
 */
export interface DryFactors {
  /**
   * @param account the person's, as far as it is known
   * @param factors what the scenario says that its own person has set up
   * @returns why the way cannot be passed; or what is passed before it, null for nothing
   */
  check(of: {
    authenticator: AuthenticatorDefinition;
    option: StepOption;
    options: readonly StepOption[];
    account: User | null;
    factors: readonly string[] | undefined;
    parameters: Readonly<Record<string, string>>;
  }): Promise<{ problem: ErrorCode } | { proof: AuthenticatorDefinition | null }>;
  /** From now on the account has the factor. */
  setUp(authenticator: AuthenticatorDefinition, account: User | null): void;
}

export function createDryFactors(authenticators: AuthenticatorNames, canPass: CanPass | undefined): DryFactors {
  const done = new Set<string>();

  return {
    async check({ authenticator, option, options, account, factors, parameters }) {
      const nothing = { proof: null };
      const isSetUp = async ({ name, needsAccount }: AuthenticatorDefinition) =>
        account ? canPass?.(name, account) : needsAccount ? factors?.includes(name) : undefined;
      if (account && done.has(`${account.id} ${authenticator.name}`)) return nothing;
      if ((await isSetUp(authenticator)) !== false) return nothing;
      if (!authenticator.enrols) return { problem: 'NO_VERIFIED_ADDRESS' };
      if (parameters['enrolUserInAuthenticationFlow'] === 'false') return { problem: 'ENROLMENT_OFF' };
      for (const other of options) {
        const way = other === option || other.idp !== localIdp ? null : authenticators.find(other.authenticator);
        if (way?.needsAccount && (await isSetUp(way))) return { proof: way };
      }
      return nothing;
    },
    setUp(authenticator, account) {
      if (authenticator.enrols && account) done.add(`${account.id} ${authenticator.name}`);
    },
  };
}

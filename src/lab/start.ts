import type { Connection } from '../connections/connection.ts';
import { connectionKey } from '../connections/connection.ts';
import { authenticatorName } from '../connections/presets.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { StartAnswer } from '../login/answers.ts';
import type { Flow } from '../login/flow.ts';
import type { LoginRequest } from '../login/login.ts';
import type { AuthenticatorNames } from '../login/options.ts';

/** What applications ask for beside what a scenario says. */
export const plainRequest: Pick<
  LoginRequest,
  'essentialAcr' | 'loginHint' | 'uiLocales' | 'maxAge' | 'prompt' | 'scopes'
> = { essentialAcr: [], loginHint: null, uiLocales: [], maxAge: null, prompt: [], scopes: ['openid'] };

/** The flow's options with the names that scripts compare with; also of connections that nobody knows. */
export function nameSteps(
  { steps }: Pick<Flow, 'steps'>,
  connections: readonly Connection[],
  authenticators: AuthenticatorNames,
): StartAnswer['steps'] {
  return steps.map(({ options }) => ({
    options: options.map((option) => {
      if ('authenticator' in option) {
        const name = authenticators.find(option.authenticator)?.name ?? option.authenticator;
        return { idp: localIdp, authenticator: name };
      }
      const connection = connections.find(({ name }) => connectionKey(name) === connectionKey(option.idp));
      return { idp: connection?.name ?? option.idp, authenticator: authenticatorName(connection) };
    }),
  }));
}

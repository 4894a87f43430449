import type { AuthenticatorDefinition } from './authenticator.ts';
import { emailOtpDefinition } from './email-otp/definition.ts';
import { federatedDefinition } from './federated/definition.ts';
import { identifierFirstDefinition } from './identifier-first/definition.ts';
import { unavailableAuthenticators } from './known-names.ts';
import { commonParameters, parameterSummaries } from './parameters.ts';
import { passwordDefinition } from './password/definition.ts';
import { sessionLimitDefinition } from './session-limit/definition.ts';
import { totpDefinition } from './totp/definition.ts';

/** Every local authenticator that flows and scripts may name, those that come later too; as data. */
export const localDefinitions: readonly AuthenticatorDefinition[] = [
  passwordDefinition,
  identifierFirstDefinition,
  totpDefinition,
  emailOtpDefinition,
  sessionLimitDefinition,
  ...unavailableAuthenticators,
];

/** What a script may set for each of them, and for those behind connections. */
export function describeAuthenticators() {
  const all: readonly AuthenticatorDefinition[] = [...localDefinitions, federatedDefinition];
  return all.map(({ name, aliases, label, parameters, unavailable = false }) => ({
    name,
    aliases,
    label,
    available: !unavailable,
    parameters: [
      ...parameters.map((parameter) => ({ name: parameter, summary: parameterSummaries[parameter] ?? '' })),
      ...Object.entries(commonParameters).map(([parameter, summary]) => ({ name: parameter, summary })),
    ],
  }));
}

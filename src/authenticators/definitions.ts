import type { AuthenticatorDefinition } from './authenticator.ts';
import { emailOtpDefinition } from './email-otp/definition.ts';
import { identifierFirstDefinition } from './identifier-first/definition.ts';
import { unavailableAuthenticators } from './known-names.ts';
import { passwordDefinition } from './password/definition.ts';
import { totpDefinition } from './totp/definition.ts';

/** Every local authenticator that flows and scripts may name, those that come later too; as data. */
export const localDefinitions: readonly AuthenticatorDefinition[] = [
  passwordDefinition,
  identifierFirstDefinition,
  totpDefinition,
  emailOtpDefinition,
  ...unavailableAuthenticators,
];

import { olderNamesOf } from '../kernel/authenticator-names.ts';
import { type Authenticator, defineAuthenticator } from './authenticator.ts';

interface KnownName {
  name: string;
  label: string;
  needsAccount: boolean;
  parameters: readonly string[];
}

const otpParameters = [
  'maximumAllowedFailureAttempts',
  'maximumAllowedResendAttempts',
  'terminateOnResendLimitExceeded',
  'notificationTemplate',
];

/** Authenticators that flows and scripts may name and that this server does not have. */
const knownNames: readonly KnownName[] = [
  {
    name: 'sms-otp-authenticator',
    label: 'SMS OTP',
    needsAccount: true,
    parameters: otpParameters,
  },
  { name: 'MagicLinkAuthenticator', label: 'Magic link', needsAccount: true, parameters: [] },
  { name: 'FIDOAuthenticator', label: 'Passkey', needsAccount: true, parameters: [] },
  { name: 'backup-code-authenticator', label: 'Backup code', needsAccount: true, parameters: [] },
  {
    name: 'push-notification-authenticator',
    label: 'Push notification',
    needsAccount: true,
    parameters: [],
  },
  {
    name: 'x509CertificateAuthenticator',
    label: 'X.509 certificate',
    needsAccount: false,
    parameters: [],
  },
  { name: 'JWTBasicAuthenticator', label: 'JWT', needsAccount: false, parameters: [] },
  {
    name: 'BasicAuthRequestPathAuthenticator',
    label: 'Basic authentication in the request',
    needsAccount: false,
    parameters: [],
  },
  {
    name: 'OAuthRequestPathAuthenticator',
    label: 'Access token in the request',
    needsAccount: false,
    parameters: [],
  },
];

/** A step that names one of them fails with a code of its own, which `onFail` can handle. They never count as proof. */
export const unavailableAuthenticators: readonly Authenticator[] = knownNames.map((known) =>
  defineAuthenticator({
    ...known,
    aliases: olderNamesOf(known.name),
    proves: false,
    unavailable: true,
    amr: [],
    attempts: 1,
    begin: async () => unavailable(known),
    answer: async () => unavailable(known),
    view() {
      throw new Error(`${known.name} has no page: its step fails when it begins.`);
    },
  }),
);

function unavailable({ name }: KnownName) {
  return async () => ({
    kind: 'failed' as const,
    problem: { code: 'AUTHENTICATOR_NOT_AVAILABLE' as const, detail: `It is "${name}".` },
  });
}

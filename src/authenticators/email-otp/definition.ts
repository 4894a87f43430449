import { olderNamesOf } from '../../kernel/authenticator-names.ts';
import { defineAuthenticatorData } from '../authenticator.ts';
import { defaultLimits } from './limits.ts';

export const emailOtpDefinition = defineAuthenticatorData({
  name: 'email-otp-authenticator',
  aliases: olderNamesOf('email-otp-authenticator'),
  label: 'Email OTP',
  proves: true,
  amr: ['mail'],
  needsAccount: true,
  provesClaim: true,
  parameters: [
    'maximumAllowedFailureAttempts',
    'maximumAllowedResendAttempts',
    'terminateOnResendLimitExceeded',
    'notificationTemplate',
  ],
  attempts: defaultLimits.failures,
});

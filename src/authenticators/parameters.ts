/** What a script may set for authenticators (`authenticatorParams`), by name; each authenticator lists those it reads. */
export const parameterSummaries: Readonly<Record<string, string>> = {
  username: 'The user name: only the password is asked for.',
  password: 'With `username`: the step is tried with both, and no page is shown.',
  inputType: '`identifierFirst` beside `username`, as other servers want it: here `username` does it alone.',
  ValidateUsername: '`true`: a name that no account has is a wrong answer.',
  skipIdentifierPreProcess: '`true`: the name is taken as it was typed.',
  enrolUserInAuthenticationFlow: '`false`: nobody sets the factor up while signing in; without it the step fails.',
  maximumAllowedFailureAttempts: 'How many wrong codes the step takes.',
  maximumAllowedResendAttempts: 'How often the code is sent again.',
  terminateOnResendLimitExceeded: '`true`: asking for the code once more than that ends the step.',
  notificationTemplate:
    'The name of the mail template that the message is made from; `{code}`, `{application}` and `{lifetime}` are filled in it.',
  MaxSessionCount: 'How many sessions a person may have open.',
  login_hint: 'Told to the identity provider: who is expected.',
};

/** What every authenticator reads. */
export const commonParameters: Readonly<Record<string, string>> = {
  enableRetryFromAuthenticator:
    '`true`: a wrong answer shows the page again while attempts are left, also where there is an `onFail`.',
};

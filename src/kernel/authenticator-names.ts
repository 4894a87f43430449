/** Names that older servers have for authenticators, as they show them, and the one that scripts compare with. */
const olderNames: Readonly<Record<string, string>> = {
  basic: 'BasicAuthenticator',
  'identifier-first': 'IdentifierExecutor',
  EmailOTP: 'email-otp-authenticator',
  SMSOTP: 'sms-otp-authenticator',
  magiclink: 'MagicLinkAuthenticator',
  fido: 'FIDOAuthenticator',
  openidconnect: 'OpenIDConnectAuthenticator',
};

/** The other names that flows and scripts may use for an authenticator. */
export function olderNamesOf(authenticator: string): string[] {
  return Object.keys(olderNames).filter((older) => olderNames[older] === authenticator);
}

/** The name that scripts compare with, by it or an older one. */
export function nameOfToday(authenticator: string): string {
  return Object.hasOwn(olderNames, authenticator) ? olderNames[authenticator]! : authenticator;
}

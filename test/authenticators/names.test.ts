import { describe, expect, it } from 'vitest';
import { describeAuthenticators, localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import type { PresetName } from '../../src/connections/connection.ts';
import { authenticatorName, listPresets } from '../../src/connections/presets.ts';
import { nameOfToday } from '../../src/kernel/authenticator-names.ts';
import { createRegistry } from '../../src/login/options.ts';

/** The names that scripts compare with and choose by, and what they may set: whoever changes one changes scripts. */

const code =
  'maximumAllowedFailureAttempts maximumAllowedResendAttempts terminateOnResendLimitExceeded notificationTemplate';

const known: [name: string, others: string, parameters: string, available: boolean][] = [
  ['BasicAuthenticator', 'basic', 'username password inputType', true],
  ['IdentifierExecutor', 'identifier-first', 'ValidateUsername skipIdentifierPreProcess', true],
  ['totp', '', 'enrolUserInAuthenticationFlow', true],
  ['email-otp-authenticator', 'EmailOTP', code, true],
  ['SessionExecutor', '', 'MaxSessionCount', true],
  ['sms-otp-authenticator', 'SMSOTP', code, false],
  ['MagicLinkAuthenticator', 'magiclink', '', false],
  ['FIDOAuthenticator', 'fido', '', false],
  ['backup-code-authenticator', '', '', false],
  ['push-notification-authenticator', '', '', false],
  ['x509CertificateAuthenticator', '', '', false],
  ['JWTBasicAuthenticator', '', '', false],
  ['BasicAuthRequestPathAuthenticator', '', '', false],
  ['OAuthRequestPathAuthenticator', '', '', false],
  ['OpenIDConnectAuthenticator', 'openidconnect', 'login_hint', true],
];
const words = (text: string) => text.split(' ').filter(Boolean);

describe('An authenticator', () => {
  it.each(known)('%s has the other names «%s» and takes «%s»', (name, others, parameters, available) => {
    const { label, ...described } = describeAuthenticators().find((each) => each.name === name)!;
    expect(label).not.toBe('');
    expect({ ...described, parameters: described.parameters.map((each) => each.name) }).toEqual({
      name,
      aliases: words(others),
      available,
      parameters: [...words(parameters), 'enableRetryFromAuthenticator'],
    });
    expect(described.parameters.filter(({ summary }) => summary === '')).toEqual([]);
  });

  it('has no other name than these, and none that is another’s', () => {
    expect(describeAuthenticators().map(({ name }) => name)).toEqual(known.map(([name]) => name));
    const names = known.flatMap(([name, others]) => [name, ...words(others)]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is found by each of its names, as it is written', () => {
    const registry = createRegistry(localDefinitions, federatedDefinition);
    for (const [name, others] of known.slice(0, -1)) {
      for (const each of [name, ...words(others)]) expect(registry.find(each)?.name).toBe(name);
    }
    expect(['basic', 'totp', 'toString'].map(nameOfToday)).toEqual(['BasicAuthenticator', 'totp', 'toString']);
    for (const none of ['', 'Basic', 'TOTP', 'toString', '__proto__', 'OpenIDConnectAuthenticator']) {
      expect(registry.find(none)).toBeNull();
    }
  });
});

const presets: Record<PresetName, string> = {
  oidc: 'OpenIDConnectAuthenticator',
  google: 'GoogleOIDCAuthenticator',
  entra: 'OpenIDConnectAuthenticator',
  apple: 'AppleOIDCAuthenticator',
  oauth2: 'OAuth2Authenticator',
  github: 'GithubAuthenticator',
  facebook: 'FacebookAuthenticator',
  saml: 'SAMLSSOAuthenticator',
};

it('A connection’s authenticator follows its preset; that of one that is gone is most connections’', () => {
  const named = listPresets().map(({ name }) => [name, authenticatorName({ preset: name })]);
  expect(Object.fromEntries(named)).toEqual(presets);
  expect([authenticatorName(null), authenticatorName(undefined)]).toEqual([presets.oidc, presets.oidc]);
});

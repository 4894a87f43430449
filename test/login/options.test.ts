import { describe, expect, it } from 'vitest';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import {
  addParameters,
  createRegistry,
  filterOptions,
  noParameters,
  parametersFor,
  type StepOption,
} from '../../src/login/options.ts';

/** What executeStep's `authenticationOptions` leave of a step, and who gets which of its `authenticatorParams`. */

const password = { idp: 'LOCAL', authenticator: 'BasicAuthenticator' };
const mail = { idp: 'LOCAL', authenticator: 'email-otp-authenticator' };
const google = { idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' };
const partner = { idp: 'Partner IdP', authenticator: 'OpenIDConnectAuthenticator' };
const all = [password, mail, google, partner];

describe('authenticationOptions', () => {
  it.each<[unknown, StepOption[]]>([
    [undefined, all],
    [null, all],
    [[{ authenticator: 'BasicAuthenticator' }], [password]],
    [[{ authenticator: 'basic' }], [password]],
    [[{ authenticator: 'EmailOTP' }], [mail]],
    [[{ idp: 'LOCAL', authenticator: 'EmailOTP' }], [mail]],
    [[{ idp: 'LOCAL' }], [password, mail]],
    [[{ idp: 'Google' }], [google]],
    [[{ idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' }], [google]],
    [[{ idp: 'Partner IdP' }], [partner]],
    [[{ idp: 'Partner_IdP' }], [partner]],
    [[{ idp: 'Partner_IdP', authenticator: 'openidconnect' }], [partner]],
    [[{ idp: 'Partner IdP', authenticator: 'OpenIDConnectAuthenticator' }], [partner]],
    [{ 0: { idp: 'Google' }, 7: { authenticator: 'basic' } }, [password, google]],
    [[{ idp: 'Google' }, { idp: 'Other' }, {}, 'basic', null], [google]],
    [
      [google, password],
      [password, google],
    ],
  ])('%j leaves those', (authenticationOptions, left) => {
    expect(filterOptions(1, all, { authenticationOptions })).toEqual(left);
  });

  it.each([
    [[]],
    [{}],
    ['basic'],
    [true],
    [[{}]],
    [[{ idp: 'Other' }]],
    [[{ idp: 'google' }]],
    [[{ authenticator: 'totp' }]],
    // A connection is named by its idp: without it the authenticator is a local one.
    [[{ authenticator: 'GoogleOIDCAuthenticator' }]],
    [[{ idp: 'Google', authenticator: 'openidconnect' }]],
    [[{ idp: 'Google', authenticator: 'basic' }]],
    [[{ idp: 'LOCAL', authenticator: 'GoogleOIDCAuthenticator' }]],
  ])('%j leaves nothing, and is an error that says what there is', (authenticationOptions) => {
    expect(() => filterOptions(3, all, { authenticationOptions })).toThrow(
      /^executeStep\(3\): authenticationOptions matches none .*LOCAL BasicAuthenticator.*Partner IdP OpenIDConnectAuthenticator/,
    );
  });
});

const registry = createRegistry(localDefinitions, federatedDefinition);

describe('authenticatorParams', () => {
  const given = (...calls: unknown[]) =>
    calls.reduce<typeof noParameters>(
      (before, authenticatorParams) => addParameters(before, { authenticatorParams }),
      noParameters,
    );

  it.each<[string, unknown[], StepOption, Record<string, string>]>([
    ['those for all', [{ common: { a: 'x' } }], password, { a: 'x' }],
    ['those for all, a connection too', [{ common: { a: 'x' } }], google, { a: 'x' }],
    ['its own', [{ local: { BasicAuthenticator: { a: 'x' }, totp: { b: 'y' } } }], password, { a: 'x' }],
    ['its own by an older name', [{ local: { basic: { a: 'x' } } }], password, { a: 'x' }],
    [
      'its own rather than those for all',
      [{ common: { a: 'x', b: 'y' }, local: { basic: { a: 'z' } } }],
      password,
      { a: 'z', b: 'y' },
    ],
    [
      'its own by both names',
      [
        { local: { basic: { a: 'x', b: 'y' } } },
        { local: { BasicAuthenticator: { a: 'z' } } },
        { local: { basic: { c: 'w' } } },
      ],
      password,
      { a: 'z', b: 'y', c: 'w' },
    ],
    ['none of a connection of the same name', [{ federated: { BasicAuthenticator: { a: 'x' } } }], password, {}],
    ['none of another', [{ local: { totp: { a: 'x' } }, federated: { Google: { a: 'x' } } }], mail, {}],
    ['of a connection its own', [{ federated: { Google: { a: 'x' }, Other: { b: 'y' } } }], google, { a: 'x' }],
    ['of a connection its own, with an underscore', [{ federated: { Partner_IdP: { a: 'x' } } }], partner, { a: 'x' }],
    ['of a connection none by its authenticator', [{ local: { GoogleOIDCAuthenticator: { a: 'x' } } }], google, {}],
    ['what an earlier call set', [{ local: { basic: { a: 'x' } } }, {}, undefined, null, 'x'], password, { a: 'x' }],
    [
      'what was set last',
      [{ local: { basic: { a: 'x', b: 'y' } } }, { local: { basic: { a: 'z' } } }],
      password,
      { a: 'z', b: 'y' },
    ],
    [
      'of those for all what was set last',
      [{ common: { a: 'x', b: 'y' } }, { common: { a: 'z' } }],
      google,
      { a: 'z', b: 'y' },
    ],
    [
      'of a connection what was set last',
      [{ federated: { Google: { a: 'x', b: 'y' } } }, { federated: { Google: { a: 'z' } } }],
      google,
      { a: 'z', b: 'y' },
    ],
    [
      'numbers and truths as texts',
      [{ common: { a: 3, b: true, c: false, d: '' } }],
      mail,
      { a: '3', b: 'true', c: 'false', d: '' },
    ],
    ['nothing that is no text', [{ common: { a: {}, b: [], c: null, d: undefined } }], mail, {}],
    ['nothing where they are none', [{ common: 'x', local: 7, federated: null }], mail, {}],
    ['nothing where its own are none', [{ local: { EmailOTP: 'x' } }], mail, {}],
  ])('give %s', (_what, calls, option, seen) => {
    expect(parametersFor(given(...calls), option, registry)).toEqual(seen);
  });
});

import { aConnection } from './world.ts';

/** A request that must be refused, and with what. */
export type Bad = [
  why: string,
  request: [method: string, path: string, body?: unknown, headers?: Record<string, string>],
  status: number,
  code: string,
  /** Code and path of its findings. */
  findings?: [code: string, path: string][],
];

export const conn = (changes: object): [string, string, object] => [
  'POST',
  '/connections',
  { ...aConnection, ...changes },
];
const invalid = 'VALIDATION_FAILED';

/** Connections that are refused, by why. */
export const badConnections: Record<string, Bad[]> = {
  'connections that this version does not have': [
    ['LDAP', conn({ type: 'ldap' }), 422, invalid, [['WRONG_VALUE', '/type']]],
    ['another scheme', conn({ jit: { scheme: 'PROMPT_EVERYTHING' } }), 422, invalid, [['WRONG_VALUE', '/jit/scheme']]],
    ['another user store', conn({ jit: { userStore: 'LDAP' } }), 422, invalid, [['WRONG_VALUE', '/jit/userStore']]],
    [
      'taking the other account',
      conn({ jit: { onConflict: 'SIGN_IN_AS_THAT' } }),
      422,
      invalid,
      [['WRONG_VALUE', '/jit/onConflict']],
    ],
    ['a preset of nobody', conn({ preset: 'myspace' }), 422, invalid, [['WRONG_VALUE', '/preset']]],
  ],
  'connections that cannot work': [
    [
      'linking without a rule',
      conn({ jit: { linking: { enabled: true, rules: [] } } }),
      422,
      invalid,
      [['REQUIRED', '/jit/linking/rules']],
    ],
    [
      'a rule whose value no provider vouches for',
      conn({
        jit: { linking: { enabled: true, rules: [{ federatedAttribute: 'upn', localAttribute: 'emailaddress' }] } },
      }),
      422,
      invalid,
      [['PROOF_IMPOSSIBLE', '/jit/linking/rules/0']],
    ],
    [
      'three rules',
      conn({ jit: { linking: { rules: Array(3).fill({ federatedAttribute: 'a', localAttribute: 'b' }) } } }),
      422,
      invalid,
      [['WRONG_VALUE', '/jit/linking/rules']],
    ],
    [
      'asking for the user name as an attribute',
      conn({ jit: { requiredAttributes: ['country', 'username'] } }),
      422,
      invalid,
      [['NO_ATTRIBUTE', '/jit/requiredAttributes/1']],
    ],
    ['a preset of another type', conn({ preset: 'github' }), 422, invalid, [['WRONG_VALUE', '/preset']]],
    [
      'a field of another type',
      conn({ tokenEndpoint: 'https://a.example' }),
      422,
      invalid,
      [['NOT_FOR_TYPE', '/tokenEndpoint']],
    ],
    [
      'OAuth 2 without its endpoints',
      conn({ type: 'oauth2', issuer: undefined }),
      422,
      invalid,
      [
        ['REQUIRED', '/authorizationEndpoint'],
        ['REQUIRED', '/tokenEndpoint'],
        ['REQUIRED', '/userinfoEndpoint'],
      ],
    ],
    [
      'OAuth 2 without TLS, with a password, with a fragment',
      conn({
        type: 'oauth2',
        issuer: undefined,
        authorizationEndpoint: 'http://idp.example.com/a',
        tokenEndpoint: 'https://me:secret@idp.example.com/t',
        userinfoEndpoint: 'https://idp.example.com/u#x',
      }),
      422,
      invalid,
      [
        ['URL_INVALID', '/authorizationEndpoint'],
        ['URL_INVALID', '/tokenEndpoint'],
        ['URL_INVALID', '/userinfoEndpoint'],
      ],
    ],
    [
      'Entra for every tenant',
      conn({ preset: 'entra', issuer: 'https://login.microsoftonline.com/common/v2.0' }),
      422,
      invalid,
      [['ISSUER_INVALID', '/issuer']],
    ],
    ['Apple without a key', conn({ preset: 'apple', issuer: undefined }), 422, invalid, [['REQUIRED', '/apple']]],
    [
      'a query parameter of the protocol',
      conn({ queryParameters: { redirect_uri: 'https://evil.example' } }),
      422,
      invalid,
      [['PARAMETER_RESERVED', '/queryParameters/redirect_uri']],
    ],
    ['a domain with an @', conn({ domains: ['a@example.com'] }), 422, invalid, [['DOMAIN_INVALID', '/domains/0']]],
    ...['@example.com', 'ann@example.com', 'localhost', 'example.com evil.net', '.example.com', ''].map(
      (domain): Bad => [
        `«${domain}» as an allowed domain`,
        conn({ allowedDomains: [domain] }),
        422,
        invalid,
        [['WRONG_VALUE', '/allowedDomains/0']],
      ],
    ),
    ['no issuer', conn({ issuer: undefined }), 422, invalid, [['REQUIRED', '/issuer']]],
    ['an issuer that is no URL', conn({ issuer: 'google' }), 422, invalid, [['ISSUER_INVALID', '/issuer']]],
    [
      'an issuer without TLS',
      conn({ issuer: 'http://idp.example.com' }),
      422,
      invalid,
      [['ISSUER_INVALID', '/issuer']],
    ],
    [
      'the address of the metadata',
      conn({ issuer: 'https://idp.example.com/.well-known/openid-configuration' }),
      422,
      invalid,
      [['ISSUER_INVALID', '/issuer']],
    ],
    ['without openid', conn({ scopes: ['email'] }), 422, invalid, [['SCOPE_MISSING', '/scopes']]],
    ['a scope with a space', conn({ scopes: ['openid email'] }), 422, invalid, [['WRONG_VALUE', '/scopes/0']]],
    [
      'the user name as a claim',
      conn({ claimMapping: { sub: 'username' } }),
      422,
      invalid,
      [['NO_ATTRIBUTE', '/claimMapping/sub']],
    ],
    [
      'a transform that writes the user name',
      conn({ claimMapping: { a: { claim: 'username', transform: 'trim' } } }),
      422,
      invalid,
      [['NO_ATTRIBUTE', '/claimMapping/a']],
    ],
    [
      'another transform',
      conn({ claimMapping: { a: { claim: 'nickname', transform: 'rot13' } } }),
      422,
      invalid,
      [['WRONG_VALUE', '/claimMapping/a']],
    ],
  ],
};

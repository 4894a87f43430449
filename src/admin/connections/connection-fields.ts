import { type TSchema, Type } from 'typebox';
import { claimTransforms } from '../../connections/claim-mapping.ts';
import { closed, nullable } from '../schemas.ts';

const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
const url = (description: string) => text(2000, description);

/** Fields of every connection. */
export const commonFields = {
  enabled: Type.Boolean({ description: 'Default: true.' }),
  trustsVerifiedEmail: Type.Boolean({
    description:
      'Is the provider believed when it says `email_verified`? Default: false; true for google, apple and github.',
  }),
  allowedDomains: Type.Array(Type.String({ maxLength: 253, pattern: '^[^\\s@.]+(\\.[^\\s@.]+)+$' }), {
    maxItems: 200,
    uniqueItems: true,
    description:
      'Only people with a mail address in one of these domains come in, and only if the provider says that the address is verified and is believed (`trustsVerifiedEmail`). Default: none, which lets everybody in.',
  }),
  trustedAmr: Type.Array(text(500), {
    maxItems: 50,
    uniqueItems: true,
    description:
      'Values of the provider’s `amr` and `acr` that count as a second factor: the sign-in’s `amr` gets `mfa` then.',
  }),
  domains: Type.Array(text(253), {
    maxItems: 200,
    uniqueItems: true,
    description:
      'Mail domains whose people are led here after identifier first, as DNS writes them. A domain belongs to one connection.',
  }),
  leadsLinkedPeople: Type.Boolean({
    description:
      'Is somebody led here too whose account is linked with this connection alone and has no password? It tells whoever types a name that there is such an account. Default: false.',
  }),
  groupsClaim: text(200, 'The provider’s claim that carries groups. Default: groups.'),
};

const scopes = (description: string) =>
  Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}$' }), {
    maxItems: 50,
    uniqueItems: true,
    description,
  });

const clientFields = {
  clientId: text(500, 'Our client id at the provider.'),
  scopes: scopes('With `openid` for OpenID Connect. Default: as the preset has it.'),
};

/** Fields of one type each, and some of two. */
export const protocolFields = {
  issuer: text(2000, 'OpenID Connect: as the provider names itself, without /.well-known/…. SAML: its entity id.'),
  ...clientFields,
  clientAuthentication: Type.Enum(['secret', 'private_key_jwt', 'apple'], {
    description:
      'How we prove ourselves: by the secret as the provider’s metadata says; by a signature of our own key (see jwksUrl); by Apple’s key.',
  }),
  apple: nullable(
    Type.Object({ teamId: text(50), keyId: text(50) }, closed),
    'Whose key the client secret is, and which.',
  ),
  responseMode: Type.Enum(['query', 'form_post'], { description: 'How the answer comes. Default: query.' }),
  distinctCallback: Type.Boolean({
    description:
      'OpenID Connect: do answers come to an address that is this connection’s alone (see callbackUrl)? For a provider that sends no `iss` with them (mix-up, RFC 9700 section 4.4.2.2): register the new callbackUrl there first. Default: false.',
  }),
  requiresAuthTime: Type.Boolean({
    description:
      'OpenID Connect: is an id_token refused that does not say when the person signed in (auth_time)? Where it is not, a provider whose metadata do not list auth_time is taken at its word for a new sign-in (prompt=login, max_age). Default: false.',
  }),
  authorizationEndpoint: url('OAuth 2.0: where people are sent to.'),
  tokenEndpoint: url('OAuth 2.0: where codes become tokens.'),
  userinfoEndpoint: url('OAuth 2.0: who the person is, for an access token.'),
  emailsEndpoint: nullable(url('OAuth 2.0: a list of mail addresses with `primary` and `verified`, as GitHub has it.')),
  subjectClaim: text(200, 'OAuth 2.0: the name in userinfo of what never changes about the person. Default: sub.'),
  singleLogout: Type.Boolean({
    description:
      'OpenID Connect and SAML: is whoever signs out here signed out at the provider too, where it offers that? Default: true.',
  }),
  sharesTokens: Type.Object(
    {
      applications: Type.Array(text(500), {
        maxItems: 100,
        uniqueItems: true,
        description: 'Client ids of the applications that may. Public clients get no token even if named here.',
      }),
      scopes: scopes('What they may ask for with `federated_token_scope`, beyond the connection’s own scopes.'),
    },
    {
      ...closed,
      title: 'TokenSharing',
      description:
        'OpenID Connect and OAuth 2.0: which applications get the provider’s access token by asking with `share_federated_token`. Default: none.',
    },
  ),
  ssoUrl: url('SAML: where people are sent to (HTTP-Redirect binding).'),
  sloUrl: nullable(url('SAML: the provider’s single logout service (HTTP-Redirect binding).')),
  sloSoapUrl: nullable(
    url(
      'SAML: the provider’s single logout service for messages from server to server (SOAP binding): told of sessions that end without their browser, and of all where there is no `sloUrl`.',
    ),
  ),
  certificates: Type.Array(text(20_000), {
    minItems: 1,
    maxItems: 10,
    description: 'SAML: the provider’s signing certificates, PEM or base64. Several while it changes over.',
  }),
  requiresEncryption: Type.Boolean({ description: 'SAML: refuses assertions that are not encrypted. Default: false.' }),
  nameIdFormat: nullable(text(500), 'SAML: the NameID that we ask for. Null: the provider’s choice.'),
  subjectAttribute: nullable(
    text(500),
    'SAML: the attribute that never changes about the person. Null: NameID, which must be no transient one then.',
  ),
};

export const name = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^\\S(.*\\S)?$',
  description: 'Unique, a space and an underscore being the same; flows and scripts use it. `LOCAL` is reserved.',
});

export const clientSecret = nullable(
  text(5000),
  'Our secret at the provider; null for a public client. It is never given out again. The one before is tried too, until the next.',
);

export const metadataXml = Type.String({
  maxLength: 500_000,
  description: 'SAML: the provider’s metadata. Fills issuer, ssoUrl, sloUrl, sloSoapUrl and certificates.',
});

const ClaimTarget = Type.Union([
  text(500),
  Type.Object(
    {
      claim: text(500),
      transform: Type.Enum([...claimTransforms], {
        description: 'What is done to the value: `first` takes the first item of a list, the others change its text.',
      }),
    },
    { ...closed, title: 'ClaimTarget' },
  ),
]);

const mapOf =
  <S extends TSchema>(value: S) =>
  (description: string) =>
    Type.Record(Type.String({ maxLength: 500 }), value, { description });

const patchOf =
  <S extends TSchema>(value: S) =>
  (description: string) =>
    mapOf(nullable(value))(`${description} Null removes an entry.`);

/** Maps of names to names, and of claims to where they go. */
export const map = { names: mapOf(text(500)), claims: mapOf(ClaimTarget) };
export const mapPatch = { names: patchOf(text(500)), claims: patchOf(ClaimTarget) };

export const mapDescriptions = {
  claimMapping:
    'Provider’s claim → our claim, by URI or plain name; with a transform where its value is to be changed. The standard claims are mapped without it.',
  roleMapping:
    'Provider’s group → our role. Groups without a mapping give no role. Mind who may write the provider’s groups where a role is `owner`, `admin`, `author` or `auditor`.',
  groupMapping: 'Provider’s group → our group. Groups without a mapping do not pass.',
  queryParameters:
    'Added to the address that people are sent to. `$authparam{key}` stands for what a script set with authenticatorParams; without it the parameter is left out.',
};

import type { ConnectionId } from '../kernel/ids.ts';
import type { ClaimTarget } from './claim-mapping.ts';

/** How people who come through a connection get an account here (Just-in-Time provisioning). */
export interface JitSettings {
  enabled: boolean;
  /** What people are asked before their account is made. */
  scheme: 'PROVISION_SILENTLY' | 'PROMPT_CONSENT' | 'PROMPT_PASSWORD_CONSENT' | 'PROMPT_USERNAME_PASSWORD_CONSENT';
  userStore: string;
  /** What later logins do to the account's attributes. Only attributes that came from this connection are ever removed. */
  attributeSync: 'OVERRIDE_ALL' | 'PRESERVE_LOCAL' | 'NONE';
  groupSync: 'MERGE_WITH_EXISTING' | 'OVERRIDE_ALL';
  /** The identity provider's claim for the user name; null: preferred_username, else a verified mail address, else generated. */
  username: string | null;
  /** The wished user name belongs to somebody else. */
  onConflict: 'FAIL' | 'PROMPT_USERNAME' | 'SUFFIX_USERNAME';
  /** Claims (URIs or plain names) that a new account must have: the person is asked for those that do not come along. */
  requiredAttributes: string[];
  linking: LinkingSettings;
}

/** Whether and how people who come for the first time get an account that is there already. */
export interface LinkingSettings {
  enabled: boolean;
  /** Tried in their order: the first that exactly one account fits decides, the last is the fallback. */
  rules: LinkingRule[];
  /** What must be shown before the account that fits is linked. */
  proof: 'VERIFIED_ATTRIBUTE' | 'CONFIRM_WITH_PASSWORD' | 'CONFIRM_WITH_EMAIL_CODE' | 'TRUST_CONNECTION';
  /** No account fits: none is made, and the sign-in goes on as if provisioning were off. */
  skipJitOnNoMatch: boolean;
}

export interface LinkingRule {
  /** The identity provider's claim. */
  federatedAttribute: string;
  /** Our claim, by URI or plain name; `username` is the user name. */
  localAttribute: string;
}

/** What every connection has, whatever its protocol. */
interface ConnectionBase {
  id: ConnectionId;
  /** Unique, also with spaces read as underscores; `LOCAL` is reserved. Scripts and flows name connections by it. */
  name: string;
  enabled: boolean;
  /** Is this provider believed when it says `email_verified`? */
  trustsVerifiedEmail: boolean;
  /** Which of the provider's `amr` and `acr` values say that a second factor was passed there. */
  trustedAmr: string[];
  /**
   * Mail domains whose people are led here once they have said who they are: lower case, in the form of DNS (`xn--…`). A
   * domain belongs to one connection.
   */
  domains: string[];
  /**
   * Is somebody led here too whose account is linked with this connection alone and has no password? Whoever types a name
   * learns by it that there is such an account.
   */
  leadsLinkedPeople: boolean;
  /** Added to the request to the provider. `$authparam{key}` in a value stands for a script's authenticatorParams. */
  queryParameters: Record<string, string>;
  jit: JitSettings;
  /** Identity provider's claim → our claim. */
  claimMapping: Record<string, ClaimTarget>;
  /** Identity provider's group → our role or group. Values without a mapping do not pass. */
  roleMapping: Record<string, string>;
  groupMapping: Record<string, string>;
  /** The claim that carries the groups. */
  groupsClaim: string;
  /** Only people whose mail address the provider vouches for and that is in one of these domains come in; none: everybody. */
  allowedDomains: string[];
  /** Our own keys towards this provider: signing requests, proving ourselves, opening what was encrypted for us. */
  keys: ConnectionKey[];
  createdAt: number;
  updatedAt: number;
  revision: number;
}

/** What connections of some types have. */
export interface UpstreamSettings {
  /** Is whoever signs out here signed out at the provider too, where it offers that? */
  singleLogout: boolean;
  sharesTokens: TokenSharing;
}

/** Who gets the provider's access token by asking with `share_federated_token`. */
export interface TokenSharing {
  /** Client ids; public clients get none even if named. */
  applications: string[];
  /** What they may ask for beyond the connection's own scopes. */
  scopes: string[];
}

/** How we are known at a provider of OpenID Connect or OAuth 2. */
export interface ConnectionClient {
  clientId: string;
  /** Sealed by the crypto box at `connections/<id>/clientSecret`; null for a public client. */
  clientSecretSealed: string | null;
  /** The secret before, tried where the provider does not know the new one (yet): changing it breaks no sign-in. */
  previousSecretSealed: string | null;
  scopes: string[];
}

export interface OidcConnection extends ConnectionBase, ConnectionClient, UpstreamSettings {
  type: 'oidc';
  preset: 'oidc' | 'google' | 'entra' | 'apple';
  issuer: string;
  /**
   * How we prove ourselves at the token endpoint. `secret`: client_secret_basic or _post, as the provider's metadata says;
   * `private_key_jwt`: with the connection's active key (RFC 7523); `apple`: the client secret is Apple's key, which signs.
   */
  clientAuthentication: 'secret' | 'private_key_jwt' | 'apple';
  /** Whose key it is, for `apple`. */
  apple: { teamId: string; keyId: string } | null;
  /** How the answer comes: in the address, or as a form that the browser posts (OAuth 2.0 Form Post Response Mode). */
  responseMode: 'query' | 'form_post';
  /** Do answers come to an address that is this connection's alone? For providers that send no `iss` with them. */
  distinctCallback: boolean;
  /**
   * Is an id_token refused that does not say when the person signed in (`require_auth_time` of OpenID Connect Dynamic Client
   * Registration 1.0)? A provider without it is taken at its word where the application wants a new sign-in.
   */
  requiresAuthTime: boolean;
}

/** A provider of OAuth 2.0 alone: who the person is, is what its userinfo endpoint says. */
export interface OAuth2Connection extends ConnectionBase, ConnectionClient, Pick<UpstreamSettings, 'sharesTokens'> {
  type: 'oauth2';
  preset: 'oauth2' | 'github' | 'facebook';
  authorizationEndpoint: string;
  tokenEndpoint: string;
  userinfoEndpoint: string;
  /** Where the provider lists the person's mail addresses with `primary` and `verified`; null: userinfo has it. */
  emailsEndpoint: string | null;
  /** The name in userinfo of what never changes about the person. */
  subjectClaim: string;
}

export interface SamlConnection extends ConnectionBase, Pick<UpstreamSettings, 'singleLogout'> {
  type: 'saml';
  preset: 'saml';
  /** The provider's entity id. */
  issuer: string;
  /** Where people are sent to (HTTP-Redirect binding). */
  ssoUrl: string;
  /** Where sign-outs are sent to (HTTP-Redirect binding); null: there is none. */
  sloUrl: string | null;
  /** Where we tell of sessions that ended here without a browser (SOAP binding); null: there is no such address. */
  sloSoapUrl: string | null;
  /** PEM. A signature of any of them counts, so that the next one is here before the provider signs with it. */
  certificates: string[];
  /** Refuses assertions that were not encrypted for us. */
  requiresEncryption: boolean;
  /** The NameID that we ask for, such as `urn:oasis:names:tc:SAML:2.0:nameid-format:persistent`; null: the provider's choice. */
  nameIdFormat: string | null;
  /** The attribute that never changes about the person, where NameID is no such thing; null: NameID. */
  subjectAttribute: string | null;
}

/** A trust in an external identity provider. */
export type Connection = OidcConnection | OAuth2Connection | SamlConnection;

export type ConnectionType = Connection['type'];
export type PresetName = Connection['preset'];

/** An RSA key pair of ours. */
export interface ConnectionKey {
  id: string;
  /** Self-signed, PEM: SAML metadata carries keys so. */
  certificate: string;
  /** PKCS #8, PEM, sealed at `connections/<connection>/keys/<id>`. */
  privateKeySealed: string;
  /** `next` and `previous` are published and open what comes encrypted; `active`, one of them, signs too. */
  state: 'next' | 'active' | 'previous';
  createdAt: number;
}

export interface ConnectionStore {
  /** @throws AppError CONFLICT when the name or a domain is taken. */
  insert(connection: Connection): Promise<void>;
  /** As ApplicationStore.update. @throws AppError CONFLICT when the name or a domain is taken. */
  update(connection: Connection): Promise<boolean>;
  /** The links of its people go with it. */
  delete(id: ConnectionId): Promise<void>;
  findById(id: ConnectionId): Promise<Connection | null>;
  /** By name, a space and an underscore being the same. */
  findByName(name: string): Promise<Connection | null>;
  /** The one that a mail domain, in lower case, belongs to. */
  findByDomain(domain: string): Promise<Connection | null>;
  list(page: { after: string | null; limit: number }): Promise<Connection[]>;
}

/** The name as it is compared: `My IdP` and `My_IdP` are one. */
export function connectionKey(name: string): string {
  return name.replaceAll(' ', '_');
}

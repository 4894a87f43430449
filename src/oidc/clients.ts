import { hash, timingSafeEqual } from 'node:crypto';
import type { Adapter, AllClientMetadata, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Application, ApplicationStore } from '../applications/application.ts';
import { errors } from '../kernel/oidc-provider.ts';

/**
 * The provider's clients are our applications, read anew at every request: one that is disabled or changed is so at once.
 * (The provider keeps a client object only as long as its metadata stay the same.)
 */
export function createClientAdapter(applications: Pick<ApplicationStore, 'findByClientId'>): Adapter {
  const never = async () => {
    throw new Error('clients are written through the applications’ store');
  };
  return {
    async find(clientId) {
      const application = await applications.findByClientId(clientId);
      return application && !application.disabled ? toClientMetadata(application) : undefined;
    },
    upsert: never,
    destroy: never,
    consume: never,
    revokeByGrantId: never,
    findByUid: never,
    findByUserCode: never,
  };
}

/** Code flow with PKCE and refresh tokens; confidential clients send their secret in the header or in the body. */
function toClientMetadata(application: Application): AllClientMetadata {
  const { clientId, clientSecretHash, redirectUris } = application;
  const native = redirectUris.some((uri) => !/^https?:/i.test(uri));
  return {
    client_id: clientId,
    client_name: application.name,
    // Custom schemes belong to native applications, which may use any port of a loopback address too (RFC 8252).
    application_type: native ? 'native' : 'web',
    redirect_uris: redirectUris,
    post_logout_redirect_uris: application.postLogoutRedirectUris,
    ...(application.backchannelLogoutUri === null
      ? {}
      : {
          backchannel_logout_uri: application.backchannelLogoutUri,
          backchannel_logout_session_required: application.backchannelLogoutSessionRequired,
        }),
    response_types: ['code'],
    response_modes: ['query', 'form_post'],
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: 'ES256',
    ...(application.clientType === 'public'
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: clientSecretHash ?? noSecret }),
  };
}

/** Stands where a confidential application has no secret yet: no secret hashes to it. */
const noSecret = 'none';

/** Makes a provider compare secrets with the stored hash, which stands where it expects the secret itself. */
export function compareHashedSecrets(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = function compare(this: { clientSecret?: string }, actual: string) {
    const expected = Buffer.from(this.clientSecret ?? '', 'base64url');
    const given = hash('sha256', actual, 'buffer');
    return expected.length === given.length && timingSafeEqual(expected, given);
  };
}

/** Browsers may call the token endpoint and userinfo from where a public application's redirect URIs are. */
export function allowsOrigin(
  _ctx: KoaContextWithOIDC,
  origin: string,
  client: InstanceType<Provider['Client']>,
): boolean {
  return (
    client.clientAuthMethod === 'none' &&
    origin !== 'null' &&
    (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin)
  );
}

/** What is wrong with an application as an OpenID Connect client, as a sentence for the admin; null when nothing is. */
export function findClientFault(provider: Provider, application: Application): string | null {
  try {
    new (provider.Client as unknown as new (metadata: AllClientMetadata) => object)(toClientMetadata(application));
    return null;
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return error.error_description ?? error.message;
    throw error;
  }
}

import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type ErrorReports, invalidRequest, shown } from './error-reports.ts';
import { SilentRefusal } from './silent-sign-in.ts';

/** How a request that needs the person ends when it may not ask, or when the person declines: nothing is wrong. */
const ordinary = new Set(['login_required', 'consent_required', 'interaction_required', 'account_selection_required']);

/**
 * Errors that the provider tells the application by a redirect (RFC 6749 section 4.1.2.1). A faulty request leaves an
 * event, and its reference goes along in `error_description`; a login that was refused takes its `error_uri` along.
 * @returns what to do when the provider has made its answer, before it is sent.
 */
export function watchToldErrors(provider: Provider, reports: ErrorReports): (ctx: KoaContextWithOIDC) => Promise<void> {
  const told = new WeakMap<KoaContextWithOIDC, errors.OIDCProviderError>();
  provider.on('authorization.error', (ctx, error) => told.set(ctx, error));

  return async (ctx) => {
    const error = told.get(ctx);
    if (!error || ctx.state[shown]) return;
    const add: Record<string, string> = {};
    const isFault = !ordinary.has(error.error) && !(error instanceof SilentRefusal);
    if (ctx.oidc.route === 'authorization' && isFault) {
      const reference = await reports.record(invalidRequest(ctx, error));
      add['error_description'] = `${error.error_description ?? error.error} (reference ${reference})`;
    }
    const uri = ctx.oidc.entities.Interaction?.result?.['error_uri'];
    if (typeof uri === 'string') add['error_uri'] = uri;
    const location = URL.parse(ctx.response.get('location'));
    if (location) ctx.set('location', withParams(location, add).href);
  };
}

/** The error stands in the fragment when the request asked for something that would have stood there. */
function withParams(location: URL, add: Record<string, string>): URL {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const params = fragment.has('error') ? fragment : location.searchParams;
  for (const [name, value] of Object.entries(add)) params.set(name, value);
  if (params === fragment) location.hash = String(fragment);
  return location;
}

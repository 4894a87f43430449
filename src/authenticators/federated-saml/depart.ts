import type { SamlConnection } from '../../connections/connection.ts';
import { fillQueryParameters } from '../../connections/query-parameters.ts';
import { AppError } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Departure, DepartureRequest } from '../federated/protocol.ts';
import type { ServiceProvider } from './index.ts';

/** What the answer is checked against. */
export interface Kept {
  /** The request's ID, which the answer must name (`InResponseTo`). */
  requestId: string;
}

/**
 * The way to the provider: a signed AuthnRequest (SAML 2.0 Bindings, section 3.4). Its ID is the hash that the state is
 * stored under, so that the one row that is used up with the answer is for this request alone.
 */
export async function prepareDeparture(
  serve: ServiceProvider,
  connection: SamlConnection,
  { state, parameters, asked }: DepartureRequest,
): Promise<Departure> {
  const [key] = connection.keys;
  if (!key) throw new AppError('INTERNAL', { detail: `Connection «${connection.name}» has no key.` });
  const kept: Kept = { requestId: `_${sha256(state)}` };
  const { saml } = await serve(connection, key, {
    generateUniqueId: () => kept.requestId,
    // Nothing else in SAML says how long ago somebody may have signed in there.
    forceAuthn: asked.prompt.includes('login') || asked.maxAge !== null,
  });
  const additionalParams = fillQueryParameters(connection.queryParameters, parameters);
  return { url: await saml.getAuthorizeUrlAsync(state, undefined, { additionalParams }), kept: { ...kept } };
}

import type { Connection } from '../connections/connection.ts';

/**
 * What a sign-in's `amr` gets of what an identity provider says about how it signed a person in: `mfa`, where the
 * connection trusts one of the provider's `amr` or `acr` values to mean that, and the trusted `amr` values themselves.
 */
export function readTrustedAmr(
  { trustedAmr }: Pick<Connection, 'trustedAmr'>,
  { amr, acr }: Readonly<Record<string, unknown>>,
): string[] {
  const said = Array.isArray(amr) ? amr : [amr];
  const methods = said.filter((one): one is string => typeof one === 'string' && trustedAmr.includes(one));
  const level = typeof acr === 'string' && trustedAmr.includes(acr);
  return level || methods.length > 0 ? [...new Set([...methods, 'mfa'])] : [];
}

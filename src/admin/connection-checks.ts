import { type Connection, connectionKey } from '../connections/connection.ts';
import { findIssuerFault } from '../connections/issuer.ts';
import { claimUri, isAttributeClaim } from '../directory/claims.ts';
import { isAdministrationRole } from '../directory/role.ts';
import type { Settings } from '../settings.ts';
import type { Finding } from '../validator/finding.ts';
import { localIdp } from '../validator/offered.ts';
import { createContentFinding } from './content-error.ts';
import { isLoopback } from './redirect-uris.ts';

/** What the schema of a connection cannot say. */
export function checkConnection(
  { name, issuer, scopes, claimMapping, roleMapping }: Connection,
  { allowLoopbackEgressForDevelopment }: Pick<Settings, 'allowLoopbackEgressForDevelopment'>,
): Finding[] {
  const findings: Finding[] = [];
  if (connectionKey(name).toUpperCase() === localIdp) {
    const message = '«LOCAL» is reserved: scripts call people who sign in here so.';
    findings.push(createContentFinding('NAME_RESERVED', '/name', message, 'Choose another name.'));
  }
  const allowHttp = allowLoopbackEgressForDevelopment && isLoopback(URL.parse(issuer)?.hostname ?? '');
  const fault = findIssuerFault(issuer, { allowHttp });
  if (fault !== null) findings.push(createContentFinding('ISSUER_INVALID', '/issuer', fault));
  if (!scopes.includes('openid')) {
    const message = 'Without the scope «openid» the provider does not say who the person is.';
    findings.push(createContentFinding('SCOPE_MISSING', '/scopes', message, 'Add «openid».'));
  }
  for (const [claim, uri] of Object.entries(claimMapping)) {
    if (isAttributeClaim(claimUri(uri))) continue;
    const path = pointer('claimMapping', claim);
    const message = `${uri} tells of the account itself and cannot be written.`;
    findings.push(createContentFinding('NO_ATTRIBUTE', path, message, 'For the user name set jit.username.'));
  }
  for (const [value, role] of Object.entries(roleMapping)) {
    if (!isAdministrationRole(role)) continue;
    const message = `«${role}» is an administration role: no identity provider gives it.`;
    const mend = 'Give it to the person: PATCH /api/v1/users/:id.';
    findings.push(createContentFinding('ADMINISTRATION_ROLE', pointer('roleMapping', value), message, mend));
  }
  return findings;
}

/** A JSON pointer (RFC 6901) to an entry of a map. */
function pointer(field: string, key: string): string {
  return `/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

import type { Connection } from '../../connections/connection.ts';

/**
 * Why a person's groups are not known though they have some, or null. A provider may leave out a claim that is too large and
 * name a source instead (OpenID Connect Core 1.0, section 5.6.2; Entra does so above 200 groups). Taking that for «no
 * groups» would take away every group and role that came from there.
 */
export function findLeftOutGroups(
  { groupsClaim, groupMapping, roleMapping }: Pick<Connection, 'groupsClaim' | 'groupMapping' | 'roleMapping'>,
  claims: Readonly<Record<string, unknown>>,
): string | null {
  const mapped = Object.keys(groupMapping).length + Object.keys(roleMapping).length > 0;
  const elsewhere = claims['_claim_names'];
  const named = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, groupsClaim);
  const flagged = claims['hasgroups'] === true || claims['hasgroups'] === 'true';
  if (!mapped || Object.hasOwn(claims, groupsClaim) || !(named || (flagged && groupsClaim === 'groups'))) return null;
  return `The provider left «${groupsClaim}» out, because the person has too many groups. Let it send only the groups that are assigned to the application.`;
}

import type { Connection } from '../connections/connection.ts';

/** The groups that the identity provider put a person into, in its own words. */
export function readRemoteGroups(
  connection: Pick<Connection, 'groupsClaim'>,
  claims: Record<string, unknown>,
): string[] {
  const { groupsClaim } = connection;
  const value = Object.hasOwn(claims, groupsClaim) ? claims[groupsClaim] : undefined;
  const list = Array.isArray(value) ? value : [value];
  return [...new Set(list.filter((item): item is string => typeof item === 'string' && item !== ''))];
}

/** The groups and roles of ours that they stand for. What has no mapping does not pass. */
export function mapGroups(
  connection: Pick<Connection, 'groupsClaim' | 'groupMapping' | 'roleMapping'>,
  claims: Record<string, unknown>,
): { groups: string[]; roles: string[] } {
  const remote = readRemoteGroups(connection, claims);
  return { groups: translate(remote, connection.groupMapping), roles: translate(remote, connection.roleMapping) };
}

function translate(values: string[], mapping: Record<string, string>): string[] {
  return [...new Set(values.flatMap((value) => (Object.hasOwn(mapping, value) ? (mapping[value] ?? []) : [])))];
}

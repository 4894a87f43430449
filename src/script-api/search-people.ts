import type { Parameter } from './definition.ts';
import { ScriptCallError } from './read-arguments.ts';
import type { ScriptWorld } from './world.ts';

/** The claims of one search. */
export const searchedClaims = {
  name: 'claims',
  type: 'texts by name',
  summary: 'Values by claim URI or plain name, at least one.',
  most: 10,
} as const satisfies Parameter;

/** References to the people whose accounts have all of these claims, at most `limit`. */
export async function searchPeople(
  { people }: ScriptWorld,
  name: string,
  claims: Record<string, string>,
  limit: number,
): Promise<string[]> {
  if (Object.keys(claims).length === 0) throw new ScriptCallError(`${name}: claims must name at least one claim.`);
  return people.search(claims, limit);
}

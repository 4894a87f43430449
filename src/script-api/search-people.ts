import { ScriptCallError } from './read-arguments.ts';
import type { ScriptWorld } from './world.ts';

/** How many claims one search may name. */
const maxClaims = 10;

/** References to the people whose accounts have all of these claims, at most `limit`. */
export async function searchPeople(
  { people }: ScriptWorld,
  name: string,
  claims: Record<string, string>,
  limit: number,
): Promise<string[]> {
  const count = Object.keys(claims).length;
  if (count === 0) throw new ScriptCallError(`${name}: claims must name at least one claim.`);
  if (count > maxClaims)
    throw new ScriptCallError(`${name}: claims names ${count} claims; at most ${maxClaims} are taken.`);
  return people.search(claims, limit);
}

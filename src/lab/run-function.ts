import type { AnsweringFunction } from '../script-api/definition.ts';
import type { Preparation, ScriptWorld } from '../script-api/world.ts';

/** What a function says in a world that changes nothing outside of itself. */
export async function runFunction(
  fn: AnsweringFunction,
  world: ScriptWorld & Preparation,
  given: readonly never[],
): Promise<unknown> {
  const prepared = fn.prepare ? [(await fn.prepare(world, ...given)) as never] : [];
  return fn.run(world, ...given, ...prepared);
}

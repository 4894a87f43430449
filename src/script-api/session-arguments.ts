import { ScriptCallError } from './read-arguments.ts';
import type { ScriptWorld } from './world.ts';

/** Whom a function means that is handed the context alone. @throws ScriptCallError while nobody has proven who they are */
export function getSubject({ people }: Pick<ScriptWorld, 'people'>, name: string): string {
  if (people.subject === null)
    throw new ScriptCallError(`${name}: nobody has proven who they are in this sign-in yet.`);
  return people.subject;
}

/** The id of a session that is given by it, or as one of the objects of getUserSessions. @throws ScriptCallError */
export function readSessionId(name: string, given: unknown): string {
  const id = typeof given === 'object' && given !== null ? (given as { id?: unknown }).id : given;
  if (typeof id === 'string' && id !== '') return id;
  throw new ScriptCallError(`${name}: sessionId must be the id of a session or a session of getUserSessions.`);
}

import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../audit/event.ts';
import { isRecord } from '../../kernel/json.ts';
import type { StoredScenario } from '../../lab/scenario-types.ts';
import type { Stores } from '../../stores.ts';
import { listAll } from '../paging.ts';
import { eraseAll, mapParts, ownWords } from './erase-texts.ts';
import { gone, type Marks } from './person-marks.ts';

/** Takes a person out of the scenarios of all flows, those pinned with versions too, and out of the lists of their names. */
export async function eraseFromScenarios(
  { scenarios, audit }: Pick<Stores, 'scenarios' | 'audit'>,
  marks: Marks,
): Promise<void> {
  function erase(value: unknown, name = ''): unknown {
    if (typeof value === 'string') {
      if (ownWords.has(name)) return value;
      return marks.isTheirs({ name, value, at: null }) ? gone : marks.eraseFrom(value);
    }
    const theirs = isRecord(value) && isAbout(value, marks);
    return mapParts(value, (part, key) => {
      if (theirs && (key === 'claims' || key === 'subject')) return eraseAll(part);
      return erase(part, key ?? name);
    });
  }

  for (const text of marks.texts) {
    for (const { id, version, items } of await scenarios.listWith(text)) {
      const erased = items.map(({ name, ...content }) => {
        return { name: marks.eraseFrom(name), ...(erase(content) as Omit<StoredScenario, 'name'>) };
      });
      if (!isDeepStrictEqual(erased, items)) await scenarios.replace(id, version, nameApart(erased));
    }
  }
  // These events list the names of scenarios.
  for (const event of await listAll((page) => audit.list({ ...page, type: 'flow.scenarios-saved' }))) {
    const details = erase(event.details) as AuditEvent['details'];
    if (!isDeepStrictEqual(details, event.details)) await audit.replaceDetails(event.id, details);
  }
}

/**
 * Is it the person: a user, an account, an attempt of theirs? Then all of its claims are. Who it is says its name; where it
 * has none, its claims do.
 */
function isAbout(value: Record<string, unknown>, marks: Marks): boolean {
  const named = ['username', 'user', 'subject', 'uniqueId'].filter((name) => typeof value[name] === 'string');
  const { claims } = value;
  const from = named.length > 0 ? value : isRecord(claims) ? claims : {};
  return Object.entries(from).some(
    ([name, part]) =>
      typeof part === 'string' &&
      (named.length === 0 || named.includes(name)) &&
      marks.isTheirs({ name, value: part, at: null }),
  );
}

/** Two names may have differed by the person alone. */
function nameApart(items: readonly StoredScenario[]): StoredScenario[] {
  const taken = new Set<string>();
  return items.map((item) => {
    let { name } = item;
    for (let n = 2; taken.has(name); n++) name = `${item.name} ${n}`;
    taken.add(name);
    return { ...item, name };
  });
}

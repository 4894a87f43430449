import { isRecord } from '../../kernel/json.ts';
import { gone, type PersonalValue } from './person-marks.ts';

/** Words of scenarios and events that say nothing of a person, whoever is called by one of them. */
export const ownWords: ReadonlySet<string> = new Set([
  ...['outcome', 'idp', 'authenticator', 'action', 'result', 'code', 'kind', 'level', 'provisioning'],
  ...['session', 'reason', 'application', 'applicationId', 'connection', 'connectionId', 'userId', 'id', 'by'],
  ...['factor', 'type', 'proof', 'wish', 'cause', 'what', 'uri', 'origin', 'userStore', 'createdAt', 'updatedAt'],
]);

/**
 * All texts but our own words; numbers, and what is yes or no, tell of nobody.
 * @param erased takes each of them
 */
export function eraseAll(value: unknown, erased: (value: PersonalValue) => void = () => {}): unknown {
  return mapTexts(value, (text) => {
    if (text.value === '') return '';
    erased(text);
    return gone;
  });
}

/** Changes all texts but our own words. A change says `what` was changed: its values have that name. */
export function mapTexts(
  value: unknown,
  change: (text: PersonalValue) => string,
  { name, at }: Omit<PersonalValue, 'value'> = { name: '', at: null },
): unknown {
  if (typeof value === 'string') return ownWords.has(name) ? value : change({ name, value, at });
  const { what, connectionId } = isRecord(value) ? value : {};
  return mapParts(value, (part, key) =>
    mapTexts(part, change, {
      name: typeof what === 'string' && key !== 'what' ? what : (key ?? name),
      at: typeof connectionId === 'string' ? connectionId : at,
    }),
  );
}

export function mapParts(value: unknown, change: (part: unknown, key: string | null) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => change(part, null));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part, key)]));
}

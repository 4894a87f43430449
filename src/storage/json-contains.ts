import { type RawBuilder, sql } from 'kysely';

/**
 * May a text be part of a text in a column of JSON? Nothing is passed over: letters beyond ASCII, whose case the database
 * does not know, stand for any.
 */
export function jsonContains(column: string, text: string): RawBuilder<boolean> {
  const asJson = JSON.stringify(text).slice(1, -1);
  const pattern = `%${asJson.replaceAll(/[\\%_]/g, '\\$&').replaceAll(/[^\0-\x7f]+/g, '%')}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`;
}

import { type RawBuilder, sql } from 'kysely';

/** Is a text part of a text in a column of JSON? The case of A to Z does not count. */
export function jsonContains(column: string, text: string): RawBuilder<boolean> {
  const asJson = JSON.stringify(text).slice(1, -1);
  const pattern = `%${asJson.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`;
}

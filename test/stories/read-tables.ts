import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Everything that a server has stored, read beside it. */
export function readTables(directory: string): Record<string, unknown[]> {
  const file = new DatabaseSync(join(directory, 'stepgate.db'), { readOnly: true });
  try {
    const tables = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), file.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).all()]),
    );
  } finally {
    file.close();
  }
}

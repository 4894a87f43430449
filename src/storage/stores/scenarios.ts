import type { Kysely } from 'kysely';
import type { ApplicationId } from '../../kernel/ids.ts';
import type { ScenarioStore, StoredScenario } from '../../lab/scenario-types.ts';
import { jsonContains } from '../json-contains.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { ScenarioSetRow, Tables } from '../tables.ts';

/** Versions count from 1. */
const besideDraft = 0;

export function defineScenarioStore(db: Kysely<Tables>): (session: Session) => ScenarioStore {
  const bySet = prepare(
    (p: { id: ApplicationId; version: number }) =>
      db.selectFrom('scenario_sets').selectAll().where('application_id', '=', p.id).where('version', '=', p.version),
    fromRow,
  );
  const write = prepare((row: ScenarioSetRow) =>
    db
      .insertInto('scenario_sets')
      .values(row)
      .onConflict((oc) =>
        oc.columns(['application_id', 'version']).doUpdateSet((eb) => ({ items: eb.ref('excluded.items') })),
      ),
  );

  return (session) => ({
    async list(id, version) {
      const found = await bySet.first(session, { id, version: version ?? besideDraft });
      return found?.items ?? [];
    },
    async replace(id, version, items) {
      await write.run(session, {
        application_id: id,
        version: version ?? besideDraft,
        items: JSON.stringify(items),
      });
    },
    async listWith(text) {
      const found = db.selectFrom('scenario_sets').selectAll().where(jsonContains('items', text));
      return (await query(session, found)).map(fromRow);
    },
  });
}

function fromRow({ application_id, version, items }: ScenarioSetRow) {
  return {
    id: application_id,
    version: version === besideDraft ? null : version,
    items: JSON.parse(items) as StoredScenario[],
  };
}

import type { Kysely } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import {
  assetKey,
  type ScriptAsset,
  type ScriptAssetId,
  type ScriptAssetKind,
  type ScriptAssetStore,
  type ScriptAssetVersion,
} from '../../script-assets/asset.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { ScriptAssetRow, ScriptAssetVersionRow, Tables } from '../tables.ts';

export function defineScriptAssetStore(db: Kysely<Tables>): (session: Session) => ScriptAssetStore {
  const insert = prepare((row: ScriptAssetRow) =>
    db
      .insertInto('script_assets')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: ScriptAssetRow) =>
    db
      .updateTable('script_assets')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const remove = prepare((p: { id: ScriptAssetId }) => db.deleteFrom('script_assets').where('id', '=', p.id));
  const byId = prepare(
    (p: { id: ScriptAssetId }) => db.selectFrom('script_assets').selectAll().where('id', '=', p.id),
    fromRow,
  );
  const byKey = prepare(
    (p: { kind: ScriptAssetKind; key: string }) =>
      db.selectFrom('script_assets').selectAll().where('kind', '=', p.kind).where('name_key', '=', p.key),
    fromRow,
  );
  const insertVersion = prepare((row: ScriptAssetVersionRow) =>
    db
      .insertInto('script_asset_versions')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const version = prepare(
    (p: { id: ScriptAssetId; version: number }) =>
      db.selectFrom('script_asset_versions').selectAll().where('asset_id', '=', p.id).where('version', '=', p.version),
    fromVersionRow,
  );
  const versions = prepare(
    (p: { id: ScriptAssetId }) =>
      db.selectFrom('script_asset_versions').selectAll().where('asset_id', '=', p.id).orderBy('version', 'desc'),
    fromVersionRow,
  );

  return (session) => ({
    async insert(asset) {
      if (!(await insert.run(session, toRow(asset)))) throw new AppError('CONFLICT');
    },
    async update(asset) {
      return (await update.run(session, toRow(asset))) > 0;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByName(kind, name) {
      return byKey.first(session, { kind, key: assetKey(name) });
    },
    async list({ kind, after, limit }) {
      let page = db.selectFrom('script_assets').selectAll().where('kind', '=', kind).orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as ScriptAssetId);
      return (await query(session, page)).map(fromRow);
    },
    async insertVersion(added) {
      if (!(await insertVersion.run(session, toVersionRow(added)))) throw new AppError('CONFLICT');
    },
    async findVersion(id, number) {
      return version.first(session, { id, version: number });
    },
    async listVersions(id) {
      return versions.all(session, { id });
    },
  });
}

function toRow(asset: ScriptAsset): ScriptAssetRow {
  return {
    id: asset.id,
    kind: asset.kind,
    name: asset.name,
    name_key: assetKey(asset.name),
    version: asset.version,
    content: asset.content,
    created_at: asset.createdAt,
    updated_at: asset.updatedAt,
    revision: asset.revision,
  };
}

function fromRow(row: ScriptAssetRow): ScriptAsset {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    version: row.version,
    content: row.content,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  };
}

function toVersionRow(version: ScriptAssetVersion): ScriptAssetVersionRow {
  return {
    asset_id: version.assetId,
    version: version.version,
    content: version.content,
    note: version.note,
    created_at: version.createdAt,
    created_by: version.createdBy,
  };
}

function fromVersionRow(row: ScriptAssetVersionRow): ScriptAssetVersion {
  return {
    assetId: row.asset_id,
    version: row.version,
    content: row.content,
    note: row.note,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

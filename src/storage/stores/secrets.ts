import type { Kysely } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { SecretId } from '../../kernel/ids.ts';
import type { Secret, SecretStore, SecretVersion } from '../../secrets/secret.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { SecretRow, SecretVersionRow, Tables } from '../tables.ts';

export function defineSecretStore(db: Kysely<Tables>): (session: Session) => SecretStore {
  const insert = prepare((row: SecretRow) =>
    db
      .insertInto('secrets')
      .values(row)
      .onConflict((oc) => oc.column('name').doNothing()),
  );
  const insertVersion = prepare((row: SecretVersionRow) => db.insertInto('secret_versions').values(row));
  const update = prepare(({ id, revision, ...fields }: SecretRow) =>
    db
      .updateTable('secrets')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const retire = prepare((p: { id: SecretId; version: number; at: number }) =>
    db
      .updateTable('secret_versions')
      .set({ replaced_at: p.at })
      .where('secret_id', '=', p.id)
      .where('version', '=', p.version),
  );
  const remove = prepare((p: { id: SecretId }) => db.deleteFrom('secrets').where('id', '=', p.id));
  const byId = prepare((p: { id: SecretId }) => db.selectFrom('secrets').selectAll().where('id', '=', p.id), fromRow);
  const byName = prepare(
    (p: { name: string }) => db.selectFrom('secrets').selectAll().where('name', '=', p.name),
    fromRow,
  );
  const versions = () =>
    db
      .selectFrom('secret_versions')
      .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
      .selectAll('secret_versions');
  const versionAt = prepare(
    (p: { name: string; at: number }) =>
      versions()
        .where('secrets.name', '=', p.name)
        .where('secret_versions.created_at', '<=', p.at)
        .orderBy('secret_versions.version', 'desc')
        .limit(1),
    fromVersionRow,
  );
  const version = prepare(
    (p: { name: string; version: number }) =>
      versions().where('secrets.name', '=', p.name).where('secret_versions.version', '=', p.version),
    fromVersionRow,
  );
  const removeReplaced = prepare((p: { before: number }) =>
    db.deleteFrom('secret_versions').where('replaced_at', '<', p.before),
  );

  return (session) => ({
    async insert(secret, first) {
      if (!(await insert.run(session, toRow(secret)))) throw new AppError('CONFLICT');
      await insertVersion.run(session, toVersionRow(first));
    },
    async rotate(secret, next) {
      if (!(await update.run(session, toRow(secret)))) return false;
      await retire.run(session, { id: secret.id, version: next.version - 1, at: next.createdAt });
      await insertVersion.run(session, toVersionRow(next));
      return true;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByName(name) {
      return byName.first(session, { name });
    },
    async list({ after, limit }) {
      let page = db.selectFrom('secrets').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as SecretId);
      return (await query(session, page)).map(fromRow);
    },
    async findVersionAt(name, at) {
      return versionAt.first(session, { name, at });
    },
    async findVersion(name, number) {
      return version.first(session, { name, version: number });
    },
    async deleteReplaced(before) {
      return removeReplaced.run(session, { before });
    },
  });
}

function toRow({ id, name, version, createdAt, updatedAt, revision }: Secret): SecretRow {
  return { id, name, version, created_at: createdAt, updated_at: updatedAt, revision };
}

function fromRow({ id, name, version, created_at, updated_at, revision }: SecretRow): Secret {
  return { id, name, version, createdAt: created_at, updatedAt: updated_at, revision };
}

function toVersionRow({ id, version, valueSealed, createdAt }: SecretVersion): SecretVersionRow {
  return { secret_id: id, version, value_sealed: valueSealed, created_at: createdAt, replaced_at: null };
}

function fromVersionRow({ secret_id, version, value_sealed, created_at }: SecretVersionRow): SecretVersion {
  return { id: secret_id, version, valueSealed: value_sealed, createdAt: created_at };
}

import type { Kysely } from 'kysely';
import {
  type Connection,
  type ConnectionStore,
  connectionKey,
  type JitSettings,
} from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { ConnectionRow, Tables } from '../tables.ts';

export function defineConnectionStore(db: Kysely<Tables>): (session: Session) => ConnectionStore {
  const insert = prepare((row: ConnectionRow) =>
    db
      .insertInto('connections')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: ConnectionRow) =>
    db
      .updateTable('connections')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const remove = prepare((p: { id: ConnectionId }) => db.deleteFrom('connections').where('id', '=', p.id));
  const byId = prepare(
    (p: { id: ConnectionId }) => db.selectFrom('connections').selectAll().where('id', '=', p.id),
    fromRow,
  );
  const byKey = prepare(
    (p: { key: string }) => db.selectFrom('connections').selectAll().where('name_key', '=', p.key),
    fromRow,
  );

  return (session) => ({
    async insert(connection) {
      if (!(await insert.run(session, toRow(connection)))) throw new AppError('CONFLICT');
    },
    async update(connection) {
      return (await update.run(session, toRow(connection))) > 0;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByName(name) {
      return byKey.first(session, { key: connectionKey(name) });
    },
    async list({ after, limit }) {
      let page = db.selectFrom('connections').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as ConnectionId);
      return (await query(session, page)).map(fromRow);
    },
  });
}

function toRow(connection: Connection): ConnectionRow {
  return {
    id: connection.id,
    name: connection.name,
    name_key: connectionKey(connection.name),
    type: connection.type,
    preset: connection.preset,
    enabled: Number(connection.enabled),
    issuer: connection.issuer,
    client_id: connection.clientId,
    client_secret_sealed: connection.clientSecretSealed,
    scopes: JSON.stringify(connection.scopes),
    trusts_verified_email: Number(connection.trustsVerifiedEmail),
    jit: JSON.stringify(connection.jit),
    claim_mapping: JSON.stringify(connection.claimMapping),
    role_mapping: JSON.stringify(connection.roleMapping),
    group_mapping: JSON.stringify(connection.groupMapping),
    groups_claim: connection.groupsClaim,
    allowed_domains: JSON.stringify(connection.allowedDomains),
    trusted_amr: JSON.stringify(connection.trustedAmr),
    created_at: connection.createdAt,
    updated_at: connection.updatedAt,
    revision: connection.revision,
  };
}

function fromRow(row: ConnectionRow): Connection {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    preset: row.preset,
    enabled: row.enabled === 1,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecretSealed: row.client_secret_sealed,
    scopes: JSON.parse(row.scopes) as string[],
    trustsVerifiedEmail: row.trusts_verified_email === 1,
    jit: JSON.parse(row.jit) as JitSettings,
    claimMapping: JSON.parse(row.claim_mapping) as Record<string, string>,
    roleMapping: JSON.parse(row.role_mapping) as Record<string, string>,
    groupMapping: JSON.parse(row.group_mapping) as Record<string, string>,
    groupsClaim: row.groups_claim,
    allowedDomains: JSON.parse(row.allowed_domains) as string[],
    trustedAmr: JSON.parse(row.trusted_amr) as string[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  };
}

import type { Kysely } from 'kysely';
import { type Connection, type ConnectionStore, connectionKey } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { ConnectionDomainRow, ConnectionRow, Tables } from '../tables.ts';

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
  const byDomain = prepare(
    (p: { domain: string }) =>
      db
        .selectFrom('connections')
        .innerJoin('connection_domains', 'connection_domains.connection_id', 'connections.id')
        .selectAll('connections')
        .where('connection_domains.domain', '=', p.domain),
    fromRow,
  );
  const addDomain = prepare((row: ConnectionDomainRow) =>
    db
      .insertInto('connection_domains')
      .values(row)
      .onConflict((oc) => oc.doNothing()),
  );
  const removeDomains = prepare((p: { id: ConnectionId }) =>
    db.deleteFrom('connection_domains').where('connection_id', '=', p.id),
  );
  const byKey = prepare(
    (p: { key: string }) => db.selectFrom('connections').selectAll().where('name_key', '=', p.key),
    fromRow,
  );

  async function indexDomains(session: Session, { id, domains }: Connection): Promise<void> {
    await removeDomains.run(session, { id });
    for (const domain of domains) {
      if (!(await addDomain.run(session, { domain, connection_id: id }))) throw new AppError('CONFLICT');
    }
  }

  return (session) => ({
    async insert(connection) {
      if (!(await insert.run(session, toRow(connection)))) throw new AppError('CONFLICT');
      await indexDomains(session, connection);
    },
    async update(connection) {
      if ((await update.run(session, toRow(connection))) === 0) return false;
      await indexDomains(session, connection);
      return true;
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
    async findByDomain(domain) {
      return byDomain.first(session, { domain });
    },
    async list({ after, limit }) {
      let page = db.selectFrom('connections').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as ConnectionId);
      return (await query(session, page)).map(fromRow);
    },
  });
}

function toRow(connection: Connection): ConnectionRow {
  const {
    id,
    name,
    type,
    preset,
    enabled,
    trustsVerifiedEmail,
    trustedAmr,
    domains,
    leadsLinkedPeople,
    queryParameters,
    jit,
    claimMapping,
    roleMapping,
    groupMapping,
    groupsClaim,
    allowedDomains,
    keys,
    createdAt,
    updatedAt,
    revision,
    ...protocol
  } = connection;
  return {
    id,
    name,
    name_key: connectionKey(name),
    type,
    preset,
    enabled: Number(enabled),
    protocol: JSON.stringify(protocol),
    trusts_verified_email: Number(trustsVerifiedEmail),
    trusted_amr: JSON.stringify(trustedAmr),
    domains: JSON.stringify(domains),
    leads_linked_people: Number(leadsLinkedPeople),
    query_parameters: JSON.stringify(queryParameters),
    jit: JSON.stringify(jit),
    claim_mapping: JSON.stringify(claimMapping),
    role_mapping: JSON.stringify(roleMapping),
    group_mapping: JSON.stringify(groupMapping),
    groups_claim: groupsClaim,
    allowed_domains: JSON.stringify(allowedDomains),
    keys: JSON.stringify(keys),
    created_at: createdAt,
    updated_at: updatedAt,
    revision,
  };
}

/** What is stored as JSON was a connection's when it was stored. */
function fromRow(row: ConnectionRow): Connection {
  return {
    ...JSON.parse(row.protocol),
    id: row.id,
    name: row.name,
    type: row.type,
    preset: row.preset,
    enabled: row.enabled === 1,
    trustsVerifiedEmail: row.trusts_verified_email === 1,
    trustedAmr: JSON.parse(row.trusted_amr),
    domains: JSON.parse(row.domains),
    leadsLinkedPeople: row.leads_linked_people === 1,
    queryParameters: JSON.parse(row.query_parameters),
    jit: JSON.parse(row.jit),
    claimMapping: JSON.parse(row.claim_mapping),
    roleMapping: JSON.parse(row.role_mapping),
    groupMapping: JSON.parse(row.group_mapping),
    groupsClaim: row.groups_claim,
    allowedDomains: JSON.parse(row.allowed_domains),
    keys: JSON.parse(row.keys),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  } as Connection;
}

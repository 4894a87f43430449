import type { Kysely } from 'kysely';
import type { Artifact, ArtifactStore } from '../../oidc/artifact.ts';
import { prepare, type Session } from '../statement.ts';
import type { ArtifactRow, Tables } from '../tables.ts';

export function defineArtifactStore(db: Kysely<Tables>): (session: Session) => ArtifactStore {
  const upsert = prepare((row: ArtifactRow) =>
    db
      .insertInto('artifacts')
      .values(row)
      .onConflict((oc) =>
        oc.columns(['model', 'id']).doUpdateSet((eb) => ({
          payload: eb.ref('excluded.payload'),
          grant_id: eb.ref('excluded.grant_id'),
          user_code: eb.ref('excluded.user_code'),
          uid: eb.ref('excluded.uid'),
          account_id: eb.ref('excluded.account_id'),
          expires_at: eb.ref('excluded.expires_at'),
          // What was used stays used, whatever copy of it is written back.
          consumed_at: eb.fn.coalesce('artifacts.consumed_at', 'excluded.consumed_at'),
        })),
      ),
  );
  const byId = prepare(
    (p: { model: string; id: string }) =>
      db.selectFrom('artifacts').selectAll().where('model', '=', p.model).where('id', '=', p.id),
    fromRow,
  );
  const byUid = prepare(
    (p: { model: string; uid: string }) =>
      db.selectFrom('artifacts').selectAll().where('model', '=', p.model).where('uid', '=', p.uid),
    fromRow,
  );
  const byUserCode = prepare(
    (p: { model: string; userCode: string }) =>
      db.selectFrom('artifacts').selectAll().where('model', '=', p.model).where('user_code', '=', p.userCode),
    fromRow,
  );
  const byAccount = prepare(
    (p: { model: string; accountId: string }) =>
      db.selectFrom('artifacts').selectAll().where('account_id', '=', p.accountId).where('model', '=', p.model),
    fromRow,
  );
  const consume = prepare((p: { model: string; id: string; at: number }) =>
    db
      .updateTable('artifacts')
      .set({ consumed_at: p.at })
      .where('model', '=', p.model)
      .where('id', '=', p.id)
      .where('consumed_at', 'is', null),
  );
  const remove = prepare((p: { model: string; id: string }) =>
    db.deleteFrom('artifacts').where('model', '=', p.model).where('id', '=', p.id),
  );
  const removeByGrant = prepare((p: { grantId: string }) =>
    db.deleteFrom('artifacts').where('grant_id', '=', p.grantId),
  );
  const removeByAccount = prepare((p: { accountId: string }) =>
    db.deleteFrom('artifacts').where('account_id', '=', p.accountId),
  );
  const removeExpired = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('artifacts')
      .where(({ eb, refTuple }) =>
        eb(
          refTuple('model', 'id'),
          'in',
          eb
            .selectFrom('artifacts')
            .select(['model', 'id'])
            .where('expires_at', '<=', p.now)
            .orderBy('expires_at')
            .limit(p.limit)
            .$asTuple('model', 'id'),
        ),
      ),
  );

  return (session) => ({
    async upsert(artifact) {
      await upsert.run(session, toRow(artifact));
    },
    async find(model, id) {
      return byId.first(session, { model, id });
    },
    async findByUid(model, uid) {
      return byUid.first(session, { model, uid });
    },
    async findByUserCode(model, userCode) {
      return byUserCode.first(session, { model, userCode });
    },
    async consume(model, id, at) {
      return (await consume.run(session, { model, id, at })) > 0;
    },
    async destroy(model, id) {
      return (await remove.run(session, { model, id })) > 0;
    },
    async listByAccountId(model, accountId) {
      return byAccount.all(session, { model, accountId });
    },
    async revokeByGrantId(grantId) {
      await removeByGrant.run(session, { grantId });
    },
    async revokeByAccountId(accountId) {
      await removeByAccount.run(session, { accountId });
    },
    async deleteExpired(now, limit) {
      return removeExpired.run(session, { now, limit });
    },
  });
}

function toRow(artifact: Artifact): ArtifactRow {
  return {
    model: artifact.model,
    id: artifact.id,
    payload: artifact.payload,
    grant_id: artifact.grantId,
    user_code: artifact.userCode,
    uid: artifact.uid,
    account_id: artifact.accountId,
    expires_at: artifact.expiresAt,
    consumed_at: artifact.consumedAt,
  };
}

function fromRow(row: ArtifactRow): Artifact {
  return {
    model: row.model,
    id: row.id,
    payload: row.payload,
    grantId: row.grant_id,
    userCode: row.user_code,
    uid: row.uid,
    accountId: row.account_id,
    expiresAt: row.expires_at,
    consumedAt: row.consumed_at,
  };
}

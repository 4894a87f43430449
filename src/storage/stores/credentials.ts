import type { Kysely } from 'kysely';
import type { Factor, UserStore } from '../../directory/user.ts';
import type { FactorId, UserId } from '../../kernel/ids.ts';
import { prepare, type Session } from '../statement.ts';
import type { FactorRow, PasswordRow, ResetTokenRow, Tables } from '../tables.ts';

type CredentialStore = Pick<
  UserStore,
  | 'findPasswordHash'
  | 'setPasswordHash'
  | 'insertFactor'
  | 'deleteFactor'
  | 'listFactors'
  | 'useTimeStep'
  | 'insertResetToken'
  | 'findResetToken'
  | 'useResetToken'
  | 'deleteExpiredResetTokens'
>;

/** The part of the user store about what proves that somebody is the account's person. */
export function defineCredentialStore(db: Kysely<Tables>): (session: Session) => CredentialStore {
  const password = prepare((p: { id: UserId }) =>
    db.selectFrom('passwords').select('hash').where('user_id', '=', p.id),
  );
  const setPassword = prepare((row: PasswordRow) =>
    db
      .insertInto('passwords')
      .values(row)
      .onConflict((oc) => oc.column('user_id').doUpdateSet((eb) => ({ hash: eb.ref('excluded.hash') }))),
  );
  const removePassword = prepare((p: { id: UserId }) => db.deleteFrom('passwords').where('user_id', '=', p.id));

  const insertFactor = prepare((row: FactorRow) => db.insertInto('factors').values(row));
  const removeFactor = prepare((p: { id: FactorId }) => db.deleteFrom('factors').where('id', '=', p.id));
  const factors = prepare(
    (p: { userId: UserId }) =>
      db.selectFrom('factors').selectAll().where('user_id', '=', p.userId).orderBy('created_at').orderBy('id'),
    fromRow,
  );
  const useTimeStep = prepare((p: { id: FactorId; timeStep: number }) =>
    db
      .updateTable('factors')
      .set({ last_time_step: p.timeStep })
      .where('id', '=', p.id)
      .where((eb) => eb.or([eb('last_time_step', 'is', null), eb('last_time_step', '<', p.timeStep)])),
  );

  const insertToken = prepare((row: ResetTokenRow) => db.insertInto('reset_tokens').values(row));
  const token = prepare(
    (p: { hash: string }) => db.selectFrom('reset_tokens').select(['user_id', 'expires_at']).where('hash', '=', p.hash),
    (row) => ({ userId: row.user_id, expiresAt: row.expires_at }),
  );
  const useToken = prepare((p: { hash: string }) =>
    db
      .deleteFrom('reset_tokens')
      .where('user_id', '=', (eb) =>
        eb.selectFrom('reset_tokens as used').select('used.user_id').where('used.hash', '=', p.hash),
      ),
  );
  const removeExpiredTokens = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('reset_tokens')
      .where('hash', 'in', (eb) =>
        eb
          .selectFrom('reset_tokens')
          .select('hash')
          .where('expires_at', '<=', p.now)
          .orderBy('expires_at')
          .limit(p.limit),
      ),
  );

  return (session) => ({
    async findPasswordHash(id) {
      return (await password.first(session, { id }))?.hash ?? null;
    },
    async setPasswordHash(id, hash) {
      if (hash === null) await removePassword.run(session, { id });
      else await setPassword.run(session, { user_id: id, hash });
    },

    async insertFactor(factor) {
      await insertFactor.run(session, toRow(factor));
    },
    async deleteFactor(id) {
      return (await removeFactor.run(session, { id })) > 0;
    },
    async listFactors(userId) {
      return factors.all(session, { userId });
    },
    async useTimeStep(id, timeStep) {
      return (await useTimeStep.run(session, { id, timeStep })) > 0;
    },

    async insertResetToken({ hash, userId, expiresAt }) {
      await insertToken.run(session, { hash, user_id: userId, expires_at: expiresAt });
    },
    async findResetToken(hash) {
      return token.first(session, { hash });
    },
    async useResetToken(hash) {
      return (await useToken.run(session, { hash })) > 0;
    },
    async deleteExpiredResetTokens(now, limit) {
      return removeExpiredTokens.run(session, { now, limit });
    },
  });
}

function toRow(factor: Factor): FactorRow {
  return {
    id: factor.id,
    user_id: factor.userId,
    type: factor.type,
    secret_sealed: factor.secretSealed,
    last_time_step: factor.lastTimeStep,
    created_at: factor.createdAt,
  };
}

function fromRow(row: FactorRow): Factor {
  return {
    id: row.id,
    userId: row.user_id,
    type: row.type,
    secretSealed: row.secret_sealed,
    lastTimeStep: row.last_time_step,
    createdAt: row.created_at,
  };
}

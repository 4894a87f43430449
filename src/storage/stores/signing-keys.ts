import type { Kysely } from 'kysely';
import type { SigningKey, SigningKeyStore } from '../../oidc/signing-keys.ts';
import { prepare, type Session } from '../statement.ts';
import type { SigningKeyRow, Tables } from '../tables.ts';

export function defineSigningKeyStore(db: Kysely<Tables>): (session: Session) => SigningKeyStore {
  const insert = prepare((row: SigningKeyRow) => db.insertInto('signing_keys').values(row));
  const all = prepare(() => db.selectFrom('signing_keys').selectAll().orderBy('active_at').orderBy('kid'), fromRow);
  const retire = prepare((p: { kid: string; at: number }) =>
    db.updateTable('signing_keys').set({ retired_at: p.at }).where('kid', '=', p.kid),
  );

  return (session) => ({
    async insert(key) {
      await insert.run(session, toRow(key));
    },
    async list() {
      return all.all(session, {});
    },
    async retire(kid, at) {
      await retire.run(session, { kid, at });
    },
  });
}

function toRow(key: SigningKey): SigningKeyRow {
  return {
    kid: key.kid,
    alg: key.alg,
    jwk_sealed: key.jwkSealed,
    created_at: key.createdAt,
    active_at: key.activeAt,
    retired_at: key.retiredAt,
  };
}

function fromRow(row: SigningKeyRow): SigningKey {
  return {
    kid: row.kid,
    alg: row.alg,
    jwkSealed: row.jwk_sealed,
    createdAt: row.created_at,
    activeAt: row.active_at,
    retiredAt: row.retired_at,
  };
}

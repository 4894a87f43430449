import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Attribute, User, UserStore } from '../../directory/user.ts';
import { mailClaim, mailKey } from '../../directory/verified-address.ts';
import { AppError } from '../../kernel/errors.ts';
import type { UserId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { Tables, UserAttributeRow, UserRow } from '../tables.ts';
import { defineMemberships, type Memberships } from './memberships.ts';

type AccountStore = Pick<
  UserStore,
  | 'insert'
  | 'update'
  | 'delete'
  | 'findById'
  | 'findByUsernameKey'
  | 'findBySubject'
  | 'findByAttribute'
  | 'findByAttributes'
  | 'list'
>;

/** The part of the user store about the account itself. */
export function defineAccountStore(db: Kysely<Tables>): (session: Session) => AccountStore {
  const memberships = defineMemberships(db);
  const insert = prepare((row: UserRow) =>
    db
      .insertInto('users')
      .values(row)
      .onConflict((oc) => oc.column('username_key').doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: UserRow) =>
    db
      .updateTable('users')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('users as other')
              .select('other.id')
              .where('other.username_key', '=', fields.username_key)
              .where('other.id', '<>', id),
          ),
        ),
      ),
  );
  const state = prepare((p: { id: UserId }) =>
    db.selectFrom('users').select(['revision', 'attributes']).where('id', '=', p.id),
  );
  const remove = prepare((p: { id: UserId }) => db.deleteFrom('users').where('id', '=', p.id));
  const byId = prepare((p: { id: UserId }) => db.selectFrom('users').selectAll().where('id', '=', p.id));
  const byUsernameKey = prepare((p: { key: string }) =>
    db.selectFrom('users').selectAll().where('username_key', '=', p.key),
  );
  const bySubject = prepare((p: { subject: string }) =>
    db.selectFrom('users').selectAll().where('subject', '=', p.subject),
  );
  const byAttribute = prepare((p: { digest: string; limit: number }) =>
    db
      .selectFrom('users')
      .selectAll()
      .where('id', 'in', (eb) => eb.selectFrom('user_attributes').select('user_id').where('digest', '=', p.digest))
      .orderBy('id')
      .limit(p.limit),
  );
  const insertAttribute = prepare((row: UserAttributeRow) => db.insertInto('user_attributes').values(row));
  const removeAttributes = prepare((p: { id: UserId }) => db.deleteFrom('user_attributes').where('user_id', '=', p.id));

  async function indexAttributes(session: Session, user: User): Promise<void> {
    const digests = new Set(user.attributes.map(({ uri, value }) => attributeDigest(uri, value)));
    for (const digest of digests) await insertAttribute.run(session, { digest, user_id: user.id });
  }

  async function readOne(session: Session, row: UserRow | null): Promise<User | null> {
    return row && fromRow(row, await memberships.read(session, row.id));
  }

  async function readAll(session: Session, rows: readonly UserRow[]): Promise<User[]> {
    const of = await memberships.readAll(
      session,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => fromRow(row, of.get(row.id)!));
  }

  return (session) => ({
    async insert(user) {
      if (!(await insert.run(session, toRow(user)))) throw new AppError('USERNAME_TAKEN');
      await indexAttributes(session, user);
      await memberships.add(session, user);
    },
    async update(user) {
      const before = await state.first(session, { id: user.id });
      if (before?.revision !== user.revision) return false;
      const row = toRow(user);
      if (!(await update.run(session, row))) {
        const holder = await byUsernameKey.first(session, { key: user.usernameKey });
        if (holder && holder.id !== user.id) throw new AppError('USERNAME_TAKEN');
        return false;
      }
      if (before.attributes !== row.attributes) {
        await removeAttributes.run(session, { id: user.id });
        await indexAttributes(session, user);
      }
      await memberships.replace(session, user);
      return true;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return readOne(session, await byId.first(session, { id }));
    },
    async findByUsernameKey(key) {
      return readOne(session, await byUsernameKey.first(session, { key }));
    },
    async findBySubject(subject) {
      return readOne(session, await bySubject.first(session, { subject }));
    },
    async findByAttribute(uri, value, limit) {
      return readAll(session, await byAttribute.all(session, { digest: attributeDigest(uri, value), limit }));
    },
    async findByAttributes(attributes, limit) {
      let found = db.selectFrom('users').selectAll().orderBy('id').limit(limit);
      for (const { uri, value } of attributes) {
        const digest = attributeDigest(uri, value);
        found = found.where('id', 'in', (eb) =>
          eb.selectFrom('user_attributes').select('user_id').where('digest', '=', digest),
        );
      }
      return attributes.length === 0 ? [] : readAll(session, await query(session, found));
    },
    async list({ after, limit }) {
      let page = db.selectFrom('users').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as UserId);
      return readAll(session, await query(session, page));
    },
  });
}

function attributeDigest(uri: string, value: string): string {
  // As JSON, so that no value can be taken for another URI's.
  return createHash('sha256')
    .update(JSON.stringify([uri, uri === mailClaim ? mailKey(value) : value]))
    .digest('base64url');
}

function toRow(user: User): UserRow {
  return {
    id: user.id,
    subject: user.subject,
    username: user.username,
    username_key: user.usernameKey,
    user_store: user.userStore,
    locked: Number(user.locked),
    disabled: Number(user.disabled),
    attributes: JSON.stringify(user.attributes),
    verified: JSON.stringify(user.verified),
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    revision: user.revision,
  };
}

function fromRow(row: UserRow, memberships: Memberships): User {
  return {
    id: row.id,
    subject: row.subject,
    username: row.username,
    usernameKey: row.username_key,
    userStore: row.user_store,
    locked: row.locked === 1,
    disabled: row.disabled === 1,
    attributes: JSON.parse(row.attributes) as Attribute[],
    verified: JSON.parse(row.verified) as string[],
    ...memberships,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  };
}

import type { Kysely } from 'kysely';
import type { UserStore } from '../../directory/user.ts';
import type { Session } from '../statement.ts';
import type { Tables } from '../tables.ts';
import { defineAccountStore } from './accounts.ts';
import { defineAssociationStore } from './associations.ts';
import { defineCredentialStore } from './credentials.ts';

export function defineUserStore(db: Kysely<Tables>): (session: Session) => UserStore {
  const accounts = defineAccountStore(db);
  const credentials = defineCredentialStore(db);
  const associations = defineAssociationStore(db);
  return (session) => ({ ...accounts(session), ...credentials(session), ...associations(session) });
}

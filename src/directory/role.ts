import type { ApplicationId, RoleId, UserId } from '../kernel/ids.ts';
import type { Origin } from './user.ts';

/** What a person may do: in the whole organisation, or in one application. */
export interface Role {
  id: RoleId;
  /** Unique in the organisation, or in its application. */
  name: string;
  /** Null: the organisation's. */
  applicationId: ApplicationId | null;
  createdAt: number;
  updatedAt: number;
  revision: number;
}

/** Who has a role or is in a group, and where that came from. */
export interface Member {
  id: UserId;
  username: string;
  origin: Origin;
}

export interface RoleStore {
  /** @throws AppError CONFLICT when the name is taken. */
  insert(role: Role): Promise<void>;
  /** As ApplicationStore.update: the name alone may change, and its holders keep it. @throws AppError CONFLICT */
  update(role: Role): Promise<boolean>;
  /** Nobody has it any more. */
  delete(id: RoleId): Promise<void>;
  findById(id: RoleId): Promise<Role | null>;
  findByName(name: string, applicationId: ApplicationId | null): Promise<Role | null>;
  /** `applicationId` null: the organisation's alone; undefined: all. */
  list(page: { after: string | null; limit: number; applicationId?: ApplicationId | null }): Promise<Role[]>;
  listMembers(id: RoleId, page: { after: string | null; limit: number }): Promise<Member[]>;
}

const administration: ReadonlySet<string> = new Set(['owner', 'admin', 'author', 'auditor']);

/**
 * The organisation's roles that rule this server. Its owner alone gives them, to a person or by a connection's mapping; no
 * script does, however it writes their names.
 */
export function isAdministrationRole(name: string): boolean {
  return administration.has(name.normalize('NFKC').trim().toLowerCase());
}

import type { GroupId } from '../kernel/ids.ts';
import type { Member } from './role.ts';

/** A set of people, by which scripts and applications tell them apart. */
export interface Group {
  id: GroupId;
  /** Unique. */
  name: string;
  createdAt: number;
  updatedAt: number;
  revision: number;
}

export interface GroupStore {
  /** @throws AppError CONFLICT when the name is taken. */
  insert(group: Group): Promise<void>;
  /** As ApplicationStore.update: its people stay in it. @throws AppError CONFLICT when the name is taken. */
  update(group: Group): Promise<boolean>;
  delete(id: GroupId): Promise<void>;
  findById(id: GroupId): Promise<Group | null>;
  findByName(name: string): Promise<Group | null>;
  list(page: { after: string | null; limit: number }): Promise<Group[]>;
  listMembers(id: GroupId, page: { after: string | null; limit: number }): Promise<Member[]>;
}

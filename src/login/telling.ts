import type { LoginId } from '../kernel/ids.ts';

/** What a script tells somebody outside, from the unit with its journal entry until it has been told. */
export interface Telling {
  loginId: LoginId;
  /** The number of its journal entry. */
  seq: number;
  /** Operation, arguments and the time that the login began, sealed for this row. */
  contentSealed: string;
  /** Nobody wants to know after that. */
  expiresAt: number;
}

export interface TellingStore {
  insert(telling: Telling): Promise<void>;
  /** Those that somebody still wants to know; the one that expires first first. */
  list(now: number, limit: number): Promise<Telling[]>;
  has(of: Pick<Telling, 'loginId' | 'seq'>): Promise<boolean>;
  delete(of: Pick<Telling, 'loginId' | 'seq'>): Promise<void>;
  /** Whatever a login's script tells and has not been told yet. */
  deleteByLogin(loginId: LoginId): Promise<void>;
  deleteExpired(now: number, limit: number): Promise<number>;
}

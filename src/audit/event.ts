import type { EventId } from '../kernel/ids.ts';

/** Something that happened, for the record: who did what to whom, with before and after, and never a secret. */
export interface AuditEvent {
  id: EventId;
  at: number;
  /** `user.created`, `login.failed`, `connection.updated`, … */
  type: string;
  /** Who did it: `admin`, `person`, `script`, `system`. */
  actor: string;
  /** The id of what it was done to, or null. */
  target: string | null;
  loginId: string | null;
  /** The code on the person's error page, if there was one. */
  reference: string | null;
  /** An error code, where the event is a failure. */
  code: string | null;
  details: Record<string, unknown>;
}

export interface AuditStore {
  append(event: AuditEvent): Promise<void>;
  /** Newest first, from behind `after`. */
  list(page: {
    after: string | null;
    limit: number;
    type?: string;
    target?: string;
    loginId?: string;
    reference?: string;
  }): Promise<AuditEvent[]>;
  /** Events without a target in whose details one of these texts may stand, whatever its case. */
  listAboutNobody(texts: readonly string[]): Promise<AuditEvent[]>;
  /** For erasing a person alone: what happened is never changed. */
  replaceDetails(id: EventId, details: AuditEvent['details']): Promise<void>;
  /** Removes events older than `before`, the oldest first; returns how many. */
  deleteOlderThan(before: number, limit: number): Promise<number>;
}

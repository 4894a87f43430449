import type { MailId } from '../kernel/ids.ts';

/**
 * A mail to be sent. It is written in the unit of what caused it and sent afterwards, at least once: a crash between
 * sending and noting it sends the mail again.
 */
export interface OutboxMail {
  id: MailId;
  /** JSON of {to, subject, text, html}, sealed at `outbox/<id>`: it may hold a code. */
  contentSealed: string;
  createdAt: number;
  /** Mails that are of no use later (a code) are dropped then. */
  expiresAt: number;
  attempts: number;
  nextAttemptAt: number;
}

export interface OutboxStore {
  insert(mail: OutboxMail): Promise<void>;
  /** Those due at `now`, oldest first. */
  listDue(now: number, limit: number): Promise<OutboxMail[]>;
  /** When the next one is due, or null when the outbox is empty. */
  findNextDue(): Promise<number | null>;
  postpone(id: MailId, attempts: number, nextAttemptAt: number): Promise<void>;
  delete(id: MailId): Promise<void>;
}

import type { AuditEvent } from '../audit/event.ts';
import { newId } from '../kernel/ids.ts';

/**
 * What becomes of mails, for the admin: `mail.not-configured`, `mail.delayed` (at the first failure), `mail.dropped`. They
 * name the mail by its id, never its receiver or its content.
 */
export function mailEvent(type: `mail.${string}`, at: number, details: Record<string, unknown>): AuditEvent {
  return {
    id: newId('event'),
    at,
    type,
    actor: 'system',
    target: null,
    loginId: null,
    reference: null,
    code: null,
    details,
  };
}

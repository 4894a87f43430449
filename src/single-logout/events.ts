import type { AuditEvent } from '../audit/event.ts';
import type { Connection } from '../connections/connection.ts';
import type { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

type Named = Pick<Connection, 'id' | 'name'>;

/** A provider could not be told of a sign-out, or refused it. */
export function signOutFailed(
  connection: Named,
  { code, detail }: AppError,
  at: number,
  more: object = {},
): AuditEvent {
  return about('upstream.sign-out-failed', connection, at, { code, details: { detail: detail ?? null, ...more } });
}

/** A provider was told, from server to server, that a session here has ended. */
export function signOutTold(connection: Named, at: number, details: object): AuditEvent {
  return about('upstream.sign-out-told', connection, at, { code: null, details });
}

function about(
  type: string,
  { id, name }: Named,
  at: number,
  { code, details }: { code: string | null; details: object },
): AuditEvent {
  return {
    id: newId('event'),
    at,
    type,
    actor: 'system',
    target: id,
    loginId: null,
    reference: null,
    code,
    details: { connection: name, ...details },
  };
}

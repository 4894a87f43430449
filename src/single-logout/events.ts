import type { Application } from '../applications/application.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Connection } from '../connections/connection.ts';
import type { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

type Named = Pick<Connection | Application, 'id' | 'name'>;

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

/** An application could not be told of a logout, or did not accept it. */
export function logoutFailed(application: Named, { code, detail }: AppError, at: number, more: object): AuditEvent {
  const details = { detail: detail ?? null, ...more };
  return about('application.logout-failed', application, at, { code, details }, 'application');
}

/** An application was told, from server to server, that a session of a person there has ended. */
export function logoutTold(application: Named, at: number): AuditEvent {
  return about('application.logout-told', application, at, { code: null, details: {} }, 'application');
}

function about(
  type: string,
  { id, name }: Named,
  at: number,
  { code, details }: { code: string | null; details: object },
  kind: 'connection' | 'application' = 'connection',
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
    details: { [kind]: name, ...details },
  };
}

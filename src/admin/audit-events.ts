import { Type } from 'typebox';
import type { AuditEvent } from '../audit/event.ts';
import type { AdminDeps } from './deps.ts';
import { present } from './merge.ts';
import { readPage } from './paging.ts';
import { normaliseReference } from './reference-code.ts';
import { closed, Id, ListOf, nullable, Page, Time } from './schemas.ts';
import type { AdminServer } from './server.ts';

export const AuditEventView = Type.Object(
  {
    id: Id,
    at: Time,
    type: Type.String({ description: '`user.created`, `login.failed`, `connection.updated`, …' }),
    actor: Type.String({ description: '`admin`, `person`, `script` or `system`.' }),
    target: nullable(Type.String(), 'The id of what it was done to.'),
    loginId: nullable(Type.String()),
    reference: nullable(Type.String(), 'The code on the person’s error page.'),
    code: nullable(Type.String(), 'The error code, where it is a failure.'),
    details: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Changes with before and after; never a secret.',
    }),
  },
  { title: 'AuditEvent' },
);

/** `/audit-events`: who did what to whom. Nobody can change it. */
export function addAuditEvents(server: AdminServer, { database }: AdminDeps): void {
  server.route({
    method: 'GET',
    url: '/audit-events',
    schema: {
      operationId: 'listAuditEvents',
      tags: ['History'],
      summary: 'List events, newest first',
      querystring: Type.Object(
        {
          ...Page,
          type: Type.Optional(Type.String({ maxLength: 100 })),
          target: Type.Optional(Type.String({ maxLength: 100 })),
          loginId: Type.Optional(Type.String({ maxLength: 100 })),
          reference: Type.Optional(Type.String({ maxLength: 50 })),
        },
        closed,
      ),
      response: { 200: ListOf(AuditEventView) },
    },
    handler: ({ query: { limit, cursor, reference, ...rest } }) => {
      const filter = { ...rest, ...(reference === undefined ? {} : { reference: normaliseReference(reference) }) };
      return readPage(
        present({ limit, cursor }),
        (page) => database.read.audit.list({ ...page, ...filter }),
        showEvent,
      );
    },
  });
}

export function showEvent(event: AuditEvent) {
  return { ...event, at: new Date(event.at).toISOString() };
}

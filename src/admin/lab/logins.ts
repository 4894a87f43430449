import { Type } from 'typebox';
import type { AuditEvent } from '../../audit/event.ts';
import { AppError, errors } from '../../kernel/errors.ts';
import type { LoginId } from '../../kernel/ids.ts';
import { LoginUsage, Trace } from '../../lab/dry-run-types.ts';
import { stateOf } from '../../lab/login-state.ts';
import type { Login } from '../../login/login.ts';
import { AuditEventView, showEvent } from '../audit-events.ts';
import type { AdminDeps } from '../deps.ts';
import { readPage } from '../paging.ts';
import { normaliseReference } from '../reference-code.ts';
import { ById, closed, Id, ListOf, nullable, Page, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

const tags = ['History'];

const Status = Type.Enum(['running', 'succeeded', 'failed', 'expired'], {
  description: '`expired`: nobody went on with it in time.',
});

const LoginView = Type.Object(
  {
    id: Id,
    applicationId: Id,
    version: Type.Integer({ description: 'The version of the flow that it began with.' }),
    status: Status,
    userId: nullable(Id, 'The account, where there is one.'),
    reference: nullable(Type.String(), 'The code on the person’s error page.'),
    failure: nullable(
      Type.Object({
        code: Type.String(),
        message: Type.String({
          description:
            'Of a sign-in that is read by its id or reference: the sentence that the person read. In lists: that of the code.',
        }),
        mend: Type.String(),
      }),
      'Why it failed, and what to do about it.',
    ),
    createdAt: Time,
    expiresAt: Time,
    endedAt: nullable(Time),
  },
  { title: 'Login' },
);

/** `/logins`: how people signed in, or did not. */
export function addLogins(server: AdminServer, { database, clock, readTrace }: AdminDeps): void {
  const show = (login: Login, events: readonly AuditEvent[] = []) => showLogin(login, events, clock.now());
  const readEvents = (loginId: LoginId) => database.read.audit.list({ after: null, limit: 200, loginId });

  server.route({
    method: 'GET',
    url: '/logins',
    schema: {
      operationId: 'listLogins',
      tags,
      summary: 'List sign-ins, newest first',
      description:
        'With `reference`: the sign-in whose error page shows this code. What failed before a sign-in began is found in the audit log by the same code.',
      querystring: Type.Object(
        {
          ...Page,
          applicationId: Type.Optional(Id),
          userId: Type.Optional(Id),
          status: Type.Optional(Status),
          reference: Type.Optional(
            Type.String({ maxLength: 50, description: 'As `7C1FA-20DXK`; case and hyphen do not matter.' }),
          ),
        },
        closed,
      ),
      response: { 200: ListOf(LoginView) },
    },
    handler: async ({ query }) => {
      const { reference, limit, cursor, status, ...of } = query;
      const filter = { ...of, ...(status ? { state: { status, now: clock.now() } } : {}) };
      if (reference !== undefined) {
        const found = await database.read.logins.findByReference(normaliseReference(reference));
        return { items: found ? [show(found, await readEvents(found.id))] : [] };
      }
      const page = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
      return readPage(
        page,
        (part) => database.read.logins.list({ ...part, ...filter }),
        (login) => show(login),
      );
    },
  });

  server.route({
    method: 'GET',
    url: '/logins/:id',
    schema: {
      operationId: 'getLogin',
      tags,
      summary: 'Read a sign-in with its trace',
      description: '`trace` is that of a dry run; `events` are what the audit log has of it, newest first.',
      params: ById,
      response: {
        200: Type.Interface(
          [LoginView],
          {
            trace: Trace,
            notReplayable: nullable(Type.String(), 'Why it cannot be played again; null where it can.'),
            usage: Type.Union([LoginUsage, Type.Null()]),
            events: Type.Array(AuditEventView),
          },
          { title: 'TracedLogin' },
        ),
      },
    },
    handler: async ({ params }) => {
      const login = await database.read.logins.findById(params.id as LoginId);
      if (!login) throw new AppError('NOT_FOUND', { detail: 'No sign-in has this id; old ones are removed.' });
      const events = await readEvents(login.id);
      return { ...show(login, events), ...(await readTrace(login.id)), events: events.map(showEvent) };
    },
  });
}

function showLogin(login: Login, events: readonly AuditEvent[], now: number) {
  const { id, applicationId, version, userId, reference, createdAt, expiresAt } = login;
  const { status, failureCode, endedAt } = stateOf(login, now);
  const failure = failureCode && errors[failureCode];
  const sentence = events.find(({ type }) => type === 'login.failed')?.details['sentence'];
  return {
    id,
    applicationId,
    version,
    status,
    userId,
    reference,
    failure:
      failureCode && failure
        ? { code: failureCode, message: typeof sentence === 'string' ? sentence : failure.admin, mend: failure.mend }
        : null,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

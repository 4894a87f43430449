import { Type } from 'typebox';
import { AppError } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/ids.ts';
import { endSession } from '../../sessions/end.ts';
import type { SsoSession } from '../../sessions/session.ts';
import { openSteps } from '../../sessions/steps.ts';
import { parseUserAgent } from '../../sessions/user-agent.ts';
import type { Stores } from '../../stores.ts';
import type { AdminDeps } from '../deps.ts';
import { present } from '../merge.ts';
import { readPage } from '../paging.ts';
import { ById, closed, Id, ListOf, nullable, Page, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

const tags = ['Sessions'];

const SessionView = Type.Object(
  {
    id: Id,
    userId: nullable(Id, 'The account; null for somebody who has none here (JIT provisioning off).'),
    subject: Type.String({ description: '`sub`, as applications know the person.' }),
    ip: Type.String({ description: 'The address of its last sign-in.' }),
    userAgent: Type.Object({
      rawString: Type.String({ description: 'The header as the browser sent it.' }),
      browser: Type.String(),
      platform: Type.String(),
      device: Type.Enum(['Desktop', 'Mobile', 'Tablet', 'Unknown']),
    }),
    loginTime: Time,
    lastAccessTime: Time,
    expiresAt: Time,
    applications: Type.Array(
      Type.Object({ id: Id, name: nullable(Type.String(), 'Null when the application is gone.') }),
      { description: 'Where the person is signed in with it.' },
    ),
    steps: Type.Array(
      Type.Object({
        idp: Type.String({ description: '`LOCAL` or the name of a connection.' }),
        authenticator: Type.String(),
        amr: Type.Array(Type.String()),
        at: Time,
      }),
      { description: 'What was proven in it, and need not be asked again.' },
    ),
  },
  { title: 'Session' },
);

/** `/sessions`: the browsers in which people are signed in. */
export function addSessions(server: AdminServer, { database, box, clock }: AdminDeps): void {
  server.route({
    method: 'GET',
    url: '/sessions',
    schema: {
      operationId: 'listSessions',
      tags,
      summary: 'List sessions, newest first',
      querystring: Type.Object(
        { ...Page, userId: Type.Optional(Type.String({ maxLength: 100, description: 'Only those of this account.' })) },
        closed,
      ),
      response: { 200: ListOf(SessionView) },
    },
    handler: async ({ query: { limit, cursor, userId } }) => {
      const filter = userId === undefined ? {} : { userId };
      const page = await readPage(
        present({ limit, cursor }),
        (part) => database.read.sessions.list({ ...part, ...filter }),
        (session) => session,
      );
      // Those that are over wait for the sweeper only.
      const live = page.items.filter(({ expiresAt }) => expiresAt > clock.now());
      return { ...page, items: await Promise.all(live.map(show)) };
    },
  });

  server.route({
    method: 'GET',
    url: '/sessions/:id',
    schema: {
      operationId: 'getSession',
      tags,
      summary: 'Read a session',
      params: ById,
      response: { 200: SessionView },
    },
    handler: async ({ params }) => show(await getSession(database.read, params.id)),
  });

  server.route({
    method: 'DELETE',
    url: '/sessions/:id',
    schema: {
      operationId: 'endSession',
      tags,
      summary: 'End a session',
      description:
        'At once, with the tokens of its sign-ins; tokens that an application got for offline use (`offline_access`) stay. Sign-ins on the way that rely on it end, too.',
      params: ById,
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await database.unit(async (stores) => {
        const session = await getSession(stores, params.id);
        await endSession(stores, session, { actor: 'admin', reason: 'terminated', at: clock.now() });
      });
      return reply.code(204).send(null);
    },
  });

  /** @throws AppError NOT_FOUND */
  async function getSession({ sessions }: Pick<Stores, 'sessions'>, id: string): Promise<SsoSession> {
    const found = await sessions.findById(id as SessionId);
    if (!found || found.expiresAt <= clock.now()) {
      throw new AppError('NOT_FOUND', { detail: 'No session has this id; it may have ended.' });
    }
    return found;
  }

  async function show(session: SsoSession) {
    const { id, userId, subject, ip, userAgent } = session;
    const iso = (at: number) => new Date(at).toISOString();
    return {
      id,
      userId,
      subject,
      ip,
      userAgent: parseUserAgent(userAgent),
      loginTime: iso(session.loginTime),
      lastAccessTime: iso(session.lastAccessTime),
      expiresAt: iso(session.expiresAt),
      applications: await Promise.all(
        session.applications.map(async (applicationId) => ({
          id: applicationId,
          name: (await database.read.applications.findById(applicationId))?.name ?? null,
        })),
      ),
      steps: openSteps(box, session).map(({ idp, authenticator, amr, at }) => ({
        idp,
        authenticator,
        amr,
        at: iso(at),
      })),
    };
  }
}

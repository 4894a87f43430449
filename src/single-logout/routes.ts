import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import { classifyFailure } from '../authenticators/federated/failure.ts';
import type { SignOutMessage, ToldSignOut } from '../authenticators/federated/protocol.ts';
import { writeEnvelope } from '../authenticators/federated-saml/messages.ts';
import type { Connection } from '../connections/connection.ts';
import { escapeXml } from '../connections/parse-xml.ts';
import { AppError } from '../kernel/errors.ts';
import { type ConnectionId, newId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { endUpstream } from './end-upstream.ts';
import type { LeaveDeps, UpstreamSignOut } from './leave.ts';
import { createRefusalLimit } from './refusal-limit.ts';

export interface SingleLogoutDeps extends Omit<LeaveDeps, 'database'> {
  database: Database<Stores>;
  upstreamSignOut: UpstreamSignOut;
  takesEvent: TakesEvent;
  /** Where a browser goes that has no other place to go. */
  signedOutUrl: string;
}

type Fields = Record<string, unknown>;
type Route = { Params: { id: string }; Querystring: Fields; Body: Fields | string | null };
type Asked = Pick<FastifyRequest, 'ip' | 'log' | 'body'>;

const tooManyRefused = 'Too many messages from this address were refused; try again later.';

/**
 * What providers tell of sign-outs, and the way back from them:
 *
 *   POST /connections/:id/logout       OpenID Connect Back-Channel Logout 1.0; SAML as below, by a form, or by SOAP
 *   GET  /connections/:id/logout       SAML: a LogoutRequest of the provider's, or its LogoutResponse to ours
 *   GET  /connections/:id/signed-out   back from an OpenID provider (RP-Initiated Logout 1.0)
 *
 * Anybody can send to them: a network of which many messages were refused is turned away before any is read.
 */
export function registerSingleLogoutRoutes(server: FastifyInstance, deps: SingleLogoutDeps): void {
  const { database, clock, protocolOf, upstreamSignOut, signedOutUrl } = deps;
  const refusals = createRefusalLimit({ clock });

  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  server.addContentTypeParser(
    ['text/xml', 'application/soap+xml'],
    { parseAs: 'string', bodyLimit: 64 * 1024 },
    async (_request: unknown, body: string) => body,
  );

  server.post<Route>('/connections/:id/logout', async (request, reply) => {
    const connection = await find(request.params.id);
    if (connection?.type !== 'oidc' && connection?.type !== 'saml') return reply.callNotFound();
    if (connection.type === 'oidc') return takeToken(request, reply, connection);
    if (typeof request.body === 'string') return takeEnvelope(request, reply, connection, request.body);
    const form = onlyTexts(request.body ?? {});
    return takeFromBrowser(request, reply, { connection, fields: form, message: { form, query: '', soap: null } });
  });

  server.get<Route>('/connections/:id/logout', async (request, reply) => {
    const connection = await find(request.params.id);
    if (connection?.type !== 'saml') return reply.callNotFound();
    const query = request.url.split('?')[1] ?? '';
    const fields = onlyTexts(request.query);
    return takeFromBrowser(request, reply, { connection, fields, message: { form: {}, query, soap: null } });
  });

  server.get<Route>('/connections/:id/signed-out', async (request, reply) => {
    return comeBack(request, reply, onlyTexts(request.query)['state']);
  });

  /** OpenID Connect Back-Channel Logout 1.0, section 2.8. */
  async function takeToken(request: Asked, reply: FastifyReply, connection: Connection) {
    if (refusals.isReached(request.ip)) {
      return reply
        .code(429)
        .header('retry-after', '60')
        .send({ error: 'invalid_request', error_description: tooManyRefused });
    }
    try {
      await end(connection, { form: onlyTexts((request.body ?? {}) as Fields), query: '', soap: null });
      return reply.code(200).send();
    } catch (error) {
      const { code, detail } = await refuse(request, connection, error);
      if (code !== 'IDP_ANSWER_INVALID') reply.header('retry-after', '30');
      return reply
        .code(code === 'IDP_ANSWER_INVALID' ? 400 : 503)
        .send({ error: 'invalid_request', error_description: detail });
    }
  }

  /** SAML 2.0 Bindings, section 3.2.2; faults by SOAP 1.1, sections 4.4 and 6.2. */
  async function takeEnvelope(request: Asked, reply: FastifyReply, connection: Connection, soap: string) {
    reply.type('text/xml; charset=utf-8');
    if (refusals.isReached(request.ip)) {
      return reply.code(429).header('retry-after', '60').send(writeFault(tooManyRefused));
    }
    try {
      return (await end(connection, { form: {}, query: '', soap })).reply;
    } catch (error) {
      const { detail } = await refuse(request, connection, error);
      return reply.code(500).send(writeFault(detail));
    }
  }

  /** A SAML message that a browser brought, and must be led on with. */
  async function takeFromBrowser(
    request: Asked,
    reply: FastifyReply,
    {
      connection,
      fields,
      message,
    }: { connection: Connection; fields: Record<string, string>; message: SignOutMessage },
  ) {
    const { SAMLRequest: asked, RelayState: state } = fields;
    // Whether it worked there is the provider's word, and nothing here depends on it: the state alone leads on.
    if (asked === undefined) return comeBack(request, reply, state);
    checkLimit(request);
    try {
      const { answer } = await end(connection, message);
      return reply.redirect(answer ?? signedOutUrl, 303);
    } catch (error) {
      const { code, detail } = await refuse(request, connection, error);
      throw new AppError(code, { detail });
    }
  }

  /** Back from a provider that we sent the browser to. */
  async function comeBack(request: Asked, reply: FastifyReply, state: string | undefined) {
    checkLimit(request);
    try {
      return reply.redirect(await upstreamSignOut.goOn(state), 303);
    } catch (error) {
      if (error instanceof AppError && error.code === 'STATE_INVALID') refusals.count(request.ip);
      throw error;
    }
  }

  /** @throws AppError TRY_LATER */
  function checkLimit({ ip }: Asked): void {
    if (refusals.isReached(ip)) throw new AppError('TRY_LATER', { detail: tooManyRefused, params: { wait: '60' } });
  }

  async function find(id: string): Promise<Connection | null> {
    return database.read.connections.findById(id as ConnectionId);
  }

  async function end(connection: Connection, message: SignOutMessage): Promise<ToldSignOut> {
    const told = await protocolOf(connection).readSignOut!(connection, message);
    await database.unit((stores) => endUpstream(stores, connection, told, clock.now()));
    return told;
  }

  /** @throws the error itself when it is a fault of ours */
  async function refuse({ ip, log }: Asked, { id, name }: Connection, error: unknown) {
    const failure = classifyFailure(error);
    refusals.count(ip);
    log.warn({ connection: name, ...failure }, 'A provider’s sign-out was refused.');
    if (!deps.takesEvent(ip)) return failure;
    await database.unit(({ audit }) =>
      audit.append({
        id: newId('event'),
        at: clock.now(),
        type: 'upstream.sign-out-refused',
        actor: 'system',
        target: id,
        loginId: null,
        reference: null,
        code: failure.code,
        details: { connection: name, detail: failure.detail },
      }),
    );
    return failure;
  }
}

function writeFault(reason: string): string {
  return writeEnvelope(
    `<soap:Fault><faultcode>soap:Client</faultcode><faultstring>${escapeXml(reason)}</faultstring></soap:Fault>`,
  );
}

function onlyTexts(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

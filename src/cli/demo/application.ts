import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import cookies from '@fastify/cookie';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type ClientSettings,
  createApplicationClient,
  describeFailure,
  type PendingSignIn,
  type SignedIn,
  type SignInFailure,
} from './application-client.ts';
import { createApplicationPages } from './application-pages.ts';
import { pageHeaders, stylePath } from './page.ts';
import { findFreePort } from './ports.ts';
import { styleSheet } from './style-sheet.ts';

export interface DemoApplicationOptions {
  /** Address to listen on and host name of its URL. Default 127.0.0.1. */
  host?: string;
  /** Wanted port; a free one is taken if it is in use. Default: any. */
  port?: number;
  /** Default «Payroll». */
  name?: string;
  /** Each gets a link of its own beside «Sign in». */
  acrValues?: readonly string[];
}

export interface DemoApplication {
  /** Without a slash at its end. */
  url: string;
  /** The redirect URI to register. */
  callbackUrl: string;
  /** The redirect URI after logout to register. */
  signedOutUrl: string;
  /** Who it is at which server. Needed before the first sign-in; its own URLs are known before. */
  connect(settings: ClientSettings): void;
  close(): Promise<void>;
}

/** One browser, known by its cookie. */
interface Visit {
  pending: Map<string, PendingSignIn>;
  signedIn: SignedIn | null;
  failure: SignInFailure | null;
}

const cookieName = 'demo_application';
/** Parameters of an authorization request that `/sign-in` hands through. */
const handedThrough = ['acr_values', 'prompt', 'max_age', 'login_hint', 'ui_locales', 'claims'];

/**
 * An application that signs people in with OpenID Connect and shows what it was told: pages at `/`, `/sign-in`,
 * `/callback`, `/me`, `/refresh`, `/sign-out`, `/signed-out`, and `/me.json` with the same for programs.
 */
export async function createDemoApplication(options: DemoApplicationOptions = {}): Promise<DemoApplication> {
  const { host = '127.0.0.1', name = 'Payroll', acrValues = [] } = options;
  const port = await findFreePort({ host, wanted: options.port ?? 0 });
  const url = `http://${host}:${port}`;
  const callbackUrl = `${url}/callback`;
  const signedOutUrl = `${url}/signed-out`;
  const pages = createApplicationPages(name, acrValues);
  const visits = new Map<string, Visit>();
  let client: ReturnType<typeof createApplicationClient> | null = null;

  function getClient() {
    if (client === null) throw new Error('The demo application is not registered at a server yet.');
    return client;
  }

  function visitOf(request: FastifyRequest, reply: FastifyReply): Visit {
    const known = visits.get(request.cookies[cookieName] ?? '');
    if (known !== undefined) return known;
    const id = randomBytes(16).toString('base64url');
    const visit: Visit = { pending: new Map(), signedIn: null, failure: null };
    visits.set(id, visit);
    reply.setCookie(cookieName, id, { httpOnly: true, sameSite: 'lax', path: '/' });
    return visit;
  }

  function send(reply: FastifyReply, page: string, status = 200) {
    return reply
      .code(status)
      .headers(pageHeaders({ formAction: "'self'" }))
      .send(page);
  }

  const web = Fastify({ forceCloseConnections: true });
  await web.register(cookies);
  web.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, _body, done) =>
    done(null),
  );
  web.setErrorHandler((error, _request, reply) => send(reply, pages.failed(describeFailure(error)), 502));

  web.get(stylePath, (_request, reply) => reply.type('text/css').send(styleSheet));

  web.get('/', (request, reply) => {
    if (visitOf(request, reply).signedIn !== null) return reply.redirect('/me', 303);
    return send(reply, pages.home());
  });

  web.get<{ Querystring: Record<string, string> }>('/sign-in', async (request, reply) => {
    const extra = Object.entries(request.query).filter(([key]) => handedThrough.includes(key));
    const started = await getClient().start(Object.fromEntries(extra));
    visitOf(request, reply).pending.set(started.pending.state, started.pending);
    return reply.redirect(started.url, 303);
  });

  web.get<{ Querystring: { state?: string } }>('/callback', async (request, reply) => {
    const visit = visitOf(request, reply);
    const pending = visit.pending.get(request.query.state ?? '');
    if (pending === undefined) {
      const error_description = 'This answer belongs to no sign-in that was started in this browser.';
      return send(reply, pages.failed({ error: 'unknown_state', error_description, refused: false }), 400);
    }
    visit.pending.delete(pending.state);
    visit.signedIn = null;
    visit.failure = null;
    try {
      visit.signedIn = await getClient().finish(new URL(request.url, url), pending);
      return reply.redirect('/me', 303);
    } catch (error) {
      visit.failure = describeFailure(error);
      return send(reply, pages.failed(visit.failure), visit.failure.refused ? 403 : 502);
    }
  });

  web.get('/me', (request, reply) => {
    const { signedIn } = visitOf(request, reply);
    return signedIn === null ? reply.redirect('/', 303) : send(reply, pages.signedIn(signedIn));
  });

  web.get('/me.json', (request, reply) => {
    const { signedIn, failure } = visitOf(request, reply);
    reply.header('cache-control', 'no-store');
    if (signedIn === null) return reply.code(401).send({ signedIn: false, failure });
    const { claims, userinfo, scope, refreshed } = signedIn;
    return { signedIn: true, claims, userinfo, scope, refreshable: signedIn.refreshToken !== null, refreshed };
  });

  web.post('/refresh', async (request, reply) => {
    const visit = visitOf(request, reply);
    if (visit.signedIn === null) return reply.redirect('/', 303);
    visit.signedIn = await getClient().refresh(visit.signedIn);
    return reply.redirect('/me', 303);
  });

  web.get('/sign-out', async (request, reply) => {
    const visit = visitOf(request, reply);
    const { signedIn } = visit;
    visit.signedIn = null;
    const there = signedIn === null ? null : await getClient().findLogoutUrl(signedIn, signedOutUrl);
    return reply.redirect(there ?? '/signed-out', 303);
  });

  web.get('/signed-out', (_request, reply) => send(reply, pages.signedOut()));

  await web.listen({ host, port });
  return {
    url: `http://${host}:${(web.server.address() as AddressInfo).port}`,
    callbackUrl,
    signedOutUrl,
    connect: (settings) => {
      client = createApplicationClient(settings, callbackUrl);
    },
    close: () => web.close(),
  };
}

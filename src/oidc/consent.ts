import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InteractionResults, Provider } from 'oidc-provider';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { languageCookie } from '../kernel/languages.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { consentPath } from './begin-login.ts';
import { claimsByScope } from './claim-names.ts';
import { parseCookies } from './cookies.ts';
import type { ErrorReports } from './error-reports.ts';
import { newGrant } from './grants.ts';
import type { OidcPages } from './pages.ts';
import type { Running } from './provider.ts';
import type { OidcStores } from './stores.ts';

export interface ConsentDeps {
  database: Database<OidcStores>;
  box: CryptoBox;
  pages: Pick<OidcPages, 'consent'>;
  reports: ErrorReports;
  current: () => Promise<Running>;
}

type Request = FastifyRequest<{ Params: { uid: string }; Querystring: Record<string, unknown>; Body: URLSearchParams }>;

/** The page `/consent/:uid`, where a person lets an application have what it asks for. */
export function mountConsent(scope: FastifyInstance, { database, box, pages, reports, current }: ConsentDeps): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    async (_request: unknown, body: string) => new URLSearchParams(body),
  );

  scope.get('/consent/:uid', async (request: Request, reply) => {
    const asked = await findAsked(request, reply);
    if ('page' in asked) return asked.page;
    const { interaction, csrf } = asked;
    const { params } = interaction;
    const [application, user] = await Promise.all([
      database.read.applications.findByClientId(String(params['client_id'])),
      database.read.users.findBySubject(interaction.session?.accountId ?? ''),
    ]);
    return reply.type('text/html; charset=utf-8').send(
      pages.consent({
        url: request.originalUrl,
        uiLocales:
          text(request.query['ui_locales']) ??
          parseCookies(request.headers.cookie)[languageCookie] ??
          text(params['ui_locales']),
        acceptLanguage: request.headers['accept-language'] ?? null,
        application: application?.name ?? null,
        person: user?.username ?? null,
        scopes: scopesToShow(interaction.prompt.details, String(params['scope'] ?? '')),
        action: consentPath(interaction.uid),
        csrf,
      }),
    );
  });

  scope.post('/consent/:uid', async (request: Request, reply) => {
    const asked = await findAsked(request, reply);
    if ('page' in asked) return asked.page;
    const { provider, interaction, csrf } = asked;
    if (!same(request.body.get('csrf') ?? '', csrf)) return refuse(request, reply, 'CSRF_INVALID');
    // Of two answers, a double click, the first counts.
    if (!interaction.result) {
      interaction.result = request.body.get('decision') === 'allow' ? await agree(provider, interaction) : declined;
      await interaction.persist();
    }
    return reply.redirect(interaction.returnTo, 303);
  });

  async function findAsked(request: Request, reply: FastifyReply) {
    reply.header('cache-control', 'no-store');
    const { provider } = await current();
    const context = provider.createContext(request.raw, reply.raw);
    const interaction = await provider.Interaction.find(request.params.uid);
    if (interaction?.prompt.name !== 'consent') return { page: await refuse(request, reply, 'LOGIN_EXPIRED') };
    // It is the browser that signed in just now: it holds the cookies of this page and of that session.
    const session = await provider.Session.get(context);
    const own = context.cookies.get(provider.cookieName('interaction')) === interaction.uid;
    if (!own || session.uid !== interaction.session?.uid)
      return { page: await refuse(request, reply, 'WRONG_BROWSER') };
    return { provider, interaction, csrf: box.mac('consent-csrf', `${interaction.uid} ${session.jti}`) };
  }

  async function refuse(
    request: Request,
    reply: FastifyReply,
    code: 'CSRF_INVALID' | 'LOGIN_EXPIRED' | 'WRONG_BROWSER',
  ) {
    const { message } = new AppError(code);
    const { status, html } = await reports.show(
      { code, ip: request.ip, route: 'consent', clientId: null, error: code, description: null, detail: message },
      {
        url: request.originalUrl,
        uiLocales: text(request.query['ui_locales']),
        acceptLanguage: request.headers['accept-language'] ?? null,
        application: null,
      },
    );
    return reply.code(status).type('text/html; charset=utf-8').send(html);
  }
}

type Interaction = InstanceType<Provider['Interaction']>;

const declined: InteractionResults = { error: 'access_denied', error_description: 'The person did not agree.' };

async function agree(
  provider: Provider,
  { params, session, lastSubmission }: Interaction,
): Promise<InteractionResults> {
  const { id_token, userinfo } = JSON.parse(text(params['claims']) ?? '{}') as Record<string, object | undefined>;
  const grant = newGrant(provider, {
    accountId: session?.accountId ?? '',
    clientId: String(params['client_id']),
    scopes: String(params['scope'] ?? '').split(' '),
    claims: Object.keys({ ...id_token, ...userinfo }),
  });
  return { ...lastSubmission, consent: { grantId: await grant.save() } };
}

/** The scopes asked for, and those that hold a claim which is asked for by itself. */
function scopesToShow(details: Record<string, unknown>, scope: string): string[] {
  const claims = (details['missingOIDCClaims'] ?? []) as string[];
  const of = Object.entries(claimsByScope).filter(([, names]) =>
    claims.some((claim) => names.some((name) => name === claim)),
  );
  return [...new Set([...scope.split(' '), ...of.map(([name]) => name)])].filter(Boolean);
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

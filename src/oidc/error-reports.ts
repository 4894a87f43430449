import type { FastifyBaseLogger } from 'fastify';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError, type ErrorCode, errors as errorTable } from '../kernel/errors.ts';
import { newId, newReference } from '../kernel/ids.ts';
import { languageCookie } from '../kernel/languages.ts';
import { errors } from '../kernel/oidc-provider.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Durability } from './durability.ts';
import type { OidcPages, PageRequest } from './pages.ts';
import type { OidcStores } from './stores.ts';

/** What went wrong, for the record. Never a parameter as a whole: values that may be secrets stay out. */
export interface Fault {
  code: ErrorCode;
  /** Whose request it was: so many of one address leave an event. */
  ip: string;
  /** `authorization`, `resume`, `end_session`, … */
  route: string;
  clientId: string | null;
  error: string;
  description: string | null;
  /** The cause, for the admin. */
  detail: string | null;
}

export interface ErrorReports {
  /** Writes the event `oidc.error`, and in a flood of them the log alone; @returns the reference that it is found by. */
  record(fault: Fault): Promise<string>;
  /** Records the fault and renders its page. */
  show(fault: Fault, page: PageRequest): Promise<{ status: number; html: string }>;
  /** Shows what the provider cannot tell the application, because it does not know for sure where it is. */
  renderError(ctx: KoaContextWithOIDC, error: Error): Promise<void>;
}

/** In a request's state: its error stands on a page of ours, so the application is not told. */
export const shown = 'errorShown';

export function createErrorReports(deps: {
  database: Database<OidcStores>;
  durability: Durability;
  pages: Pick<OidcPages, 'error'>;
  clock: Clock;
  log: FastifyBaseLogger;
  takesEvent: TakesEvent;
}): ErrorReports {
  const { database, durability, pages, clock, log, takesEvent } = deps;
  return { record, show, renderError };

  async function record(fault: Fault): Promise<string> {
    const { code, ip, ...details } = fault;
    const reference = newReference();
    log.info({ ...details, code, reference }, 'an application’s request was refused');
    if (!takesEvent(ip)) return reference;
    const application =
      fault.clientId === null ? null : await database.read.applications.findByClientId(fault.clientId);
    await durability.keep(
      database.unit.early(({ audit }) =>
        audit.append({
          id: newId('event'),
          at: clock.now(),
          type: 'oidc.error',
          actor: 'system',
          target: application?.id ?? null,
          loginId: null,
          reference,
          code,
          details,
        }),
      ),
    );
    return reference;
  }

  async function show(fault: Fault, page: PageRequest): Promise<{ status: number; html: string }> {
    // A page tells more than none, even while the database cannot be written.
    const reference = await record(fault).catch((failure: unknown) => {
      const made = newReference();
      log.error({ err: failure, ...fault, reference: made }, 'an error could not be recorded');
      return made;
    });
    const about = fault.route === 'authorization' || fault.route === 'resume' ? 'sign-in' : 'other';
    const html = pages.error({ ...page, about, code: fault.code, reference });
    return { status: errorTable[fault.code].status, html };
  }

  async function renderError(ctx: KoaContextWithOIDC, error: Error): Promise<void> {
    const clientId = ctx.oidc.client?.clientId ?? readText(ctx.query['client_id'] ?? ctx.oidc.params?.['client_id']);
    const application = clientId === null ? null : await database.read.applications.findByClientId(clientId);
    const code = codeOf(error, application);
    const fault = { code, ip: ctx.ip, route: ctx.oidc.route, clientId, ...describe(error) };
    const { status, html } = await show(fault, { ...readPageRequest(ctx), application: application?.name ?? null });
    ctx.state[shown] = true;
    if (code !== 'INVALID_REQUEST') ctx.status = status;
    ctx.type = 'html';
    ctx.body = html;
  }
}

function codeOf(error: Error, application: { disabled: boolean } | null): ErrorCode {
  const ours = [error, error.cause].find((each) => each instanceof AppError);
  if (ours) return ours.code;
  if (error instanceof errors.InvalidRedirectUri) return 'REDIRECT_URI_INVALID';
  if (error instanceof errors.SessionNotFound) return 'LOGIN_EXPIRED';
  if (error instanceof errors.InvalidClient) return application?.disabled ? 'CLIENT_DISABLED' : 'CLIENT_UNKNOWN';
  return error instanceof errors.OIDCProviderError && error.expose ? 'INVALID_REQUEST' : 'INTERNAL';
}

/** A request that the provider refuses; its application may not be known. */
export function invalidRequest(ctx: KoaContextWithOIDC, error: Error): Fault {
  const clientId = ctx.oidc.client?.clientId ?? null;
  return { code: 'INVALID_REQUEST', ip: ctx.ip, route: ctx.oidc.route, clientId, ...describe(error) };
}

/** An error of the provider's in words; another's words are for the log alone. */
function describe(error: Error): Pick<Fault, 'error' | 'description' | 'detail'> {
  if (error instanceof AppError) return { error: error.code, description: null, detail: error.message };
  if (!(error instanceof errors.OIDCProviderError))
    return { error: 'server_error', description: null, detail: error.name };
  return { error: error.error, description: error.error_description ?? null, detail: error.error_detail ?? null };
}

export function readPageRequest(ctx: KoaContextWithOIDC): Omit<PageRequest, 'application'> {
  return {
    url: ctx.originalUrl,
    uiLocales: readText(ctx.query['ui_locales'] ?? ctx.cookies.get(languageCookie) ?? ctx.oidc.params?.['ui_locales']),
    acceptLanguage: ctx.get('accept-language') || null,
  };
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 200) : null;
}

import type { KoaContextWithOIDC } from 'oidc-provider';
import { readPageRequest } from './error-reports.ts';
import type { OidcPages } from './pages.ts';

/** The two pages of RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): the question, and that it is done. */
export function createLogoutPages(pages: Pick<OidcPages, 'logoutConfirm' | 'signedOut'>): {
  logoutSource: (ctx: KoaContextWithOIDC) => Promise<void>;
  postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => Promise<void>;
} {
  return {
    async logoutSource(ctx) {
      const secret = ctx.oidc.session?.state?.['secret'];
      show(
        ctx,
        pages.logoutConfirm({
          ...pageRequest(ctx),
          action: ctx.oidc.urlFor('end_session_confirm'),
          hidden: { xsrf: String(secret) },
        }),
      );
    },
    async postLogoutSuccessSource(ctx) {
      show(ctx, pages.signedOut(pageRequest(ctx)));
    },
  };
}

function pageRequest(ctx: KoaContextWithOIDC) {
  return { ...readPageRequest(ctx), application: ctx.oidc.client?.clientName ?? null };
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html';
  ctx.body = html;
}

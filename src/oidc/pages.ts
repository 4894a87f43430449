import type { ErrorCode } from '../kernel/errors.ts';

/** What the application's side knows of the request that a page answers. */
export interface PageRequest {
  /** Path and query of the page itself. */
  url: string;
  /** `ui_locales` as the application sent it: language tags with spaces between, best first. */
  uiLocales: string | null;
  /** The Accept-Language header. */
  acceptLanguage: string | null;
  /** The name of the application, where it is known. */
  application: string | null;
}

/** The pages that the applications' side shows. Each renders a whole HTML document. */
export interface OidcPages {
  error(
    page: PageRequest & {
      /** Did a sign-in fail, or something else, such as signing out? */
      about: 'sign-in' | 'other';
      code: ErrorCode;
      reference: string;
    },
  ): string;
  /** Posts `csrf` and `decision`, `allow` or `deny`, to `action`. */
  consent(page: PageRequest & { person: string | null; scopes: string[]; action: string; csrf: string }): string;
  /** Posts the hidden fields to `action`, with `logout=yes` to sign out or without it to stay. */
  logoutConfirm(page: PageRequest & { action: string; hidden: Record<string, string> }): string;
  signedOut(page: PageRequest): string;
}

import { pickLanguage } from '../kernel/languages.ts';
import { basicContext } from '../pages/basic-context.ts';
import type { PageContext } from '../pages/context.ts';
import { personSentence } from '../pages/errors.ts';
import { renderConsent } from '../pages/views/consent.ts';
import { renderError } from '../pages/views/error.ts';
import { renderLogoutConfirm } from '../pages/views/logout-confirm.ts';
import { renderSignedOut } from '../pages/views/signed-out.ts';
import type { OidcPages, PageRequest } from './pages.ts';

/** The pages of the applications' side, as people see them. */
export const oidcPages: OidcPages = {
  error({ about, code, reference, ...page }) {
    const context = contextOf(page);
    return String(renderError(context, { about, code, reference, text: personSentence(context.language, code) }));
  },
  consent: ({ person, scopes, action, csrf, ...page }) =>
    String(renderConsent({ ...contextOf(page), person, action, csrf }, { scopes })),
  logoutConfirm: ({ action, hidden, ...page }) =>
    String(renderLogoutConfirm({ ...contextOf(page), action }, { hidden })),
  signedOut: (page) => String(renderSignedOut(contextOf(page))),
};

function contextOf({ url, application, ...page }: PageRequest): PageContext {
  return {
    ...basicContext(pickLanguage(page), url),
    application: application === null ? null : { name: application },
  };
}

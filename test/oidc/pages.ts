import { pickLanguage } from '../../src/kernel/languages.ts';
import type { OidcPages, PageRequest } from '../../src/oidc/pages.ts';
import type { PageContext } from '../../src/pages/context.ts';
import { personSentence } from '../../src/pages/errors.ts';
import { renderConsent } from '../../src/pages/views/consent.ts';
import { renderError } from '../../src/pages/views/error.ts';
import { renderLogoutConfirm } from '../../src/pages/views/logout-confirm.ts';
import { renderSignedOut } from '../../src/pages/views/signed-out.ts';

/** The real pages, as the server shows them. */
export const pages: OidcPages = {
  error: ({ about, code, reference, ...page }) => {
    const view = context(page);
    return String(renderError(view, { about, code, reference, text: personSentence(view.language, code) }));
  },
  consent: ({ person, scopes, action, csrf, ...page }) =>
    String(renderConsent({ ...context(page), person, action, csrf }, { scopes })),
  logoutConfirm: ({ action, hidden, ...page }) => String(renderLogoutConfirm({ ...context(page), action }, { hidden })),
  signedOut: (page) => String(renderSignedOut(context(page))),
};

function context({ url, application, ...page }: PageRequest): PageContext {
  return {
    language: pickLanguage(page),
    brand: 'Example',
    application: application === null ? null : { name: application },
    person: null,
    action: '',
    csrf: '',
    errors: [],
    values: {},
    languageUrl: (language) => `${url}?ui_locales=${language}`,
    assets: '/assets',
  };
}

import type { PageContext } from '../context.ts';
import { form } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillHtml } from '../names.ts';
import { texts } from '../texts/index.ts';

export interface LogoutConfirmModel {
  /** More hidden fields by name: what the OpenID provider needs to know its own form again. */
  hidden: Readonly<Record<string, string>>;
}

/**
 * The page that asks before signing out (OpenID Connect RP-Initiated Logout section 2). It sends `logout=yes`, or no
 * `logout` at all to stay signed in.
 */
export function renderLogoutConfirm(context: PageContext, { hidden }: LogoutConfirmModel): Html {
  const { logoutConfirm } = texts[context.language];
  const { application } = context;
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  return page(
    context,
    logoutConfirm.title,
    html`<h1>${logoutConfirm.title}</h1>
<p>${application ? fillHtml(logoutConfirm.text, { application: application.name }) : logoutConfirm.textUnknown}</p>
${form(
  context,
  html`${fields}<div class="pair">
<button class="button">${logoutConfirm.no}</button>
<button class="button main" name="logout" value="yes">${logoutConfirm.yes}</button>
</div>`,
)}`,
  );
}

import type { PageContext } from '../context.ts';
import { field, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { texts } from '../texts/index.ts';

export interface ForgotModel {
  /** Back to the sign-in, when there is one open. */
  signInUrl: string | null;
}

/** The page where a forgotten password begins. */
export function renderForgot(context: PageContext, { signInUrl }: ForgotModel): Html {
  const { forgot, password } = texts[context.language];
  const username = field(context, {
    name: 'username',
    label: password.username,
    autocomplete: 'username',
    dir: 'auto',
    first: true,
  });
  return page(
    context,
    forgot.title,
    html`<h1>${forgot.title}</h1>
<p>${forgot.lead}</p>
${form(context, html`${username}${mainButton(forgot.submit)}`)}${
  signInUrl !== null && html`<p class="below"><a href="${signInUrl}">${forgot.back}</a></p>\n`
}`,
  );
}

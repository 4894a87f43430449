import type { PageContext } from '../context.ts';
import { durationText } from '../durations.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillText } from '../names.ts';
import { texts } from '../texts/index.ts';

export interface ForgotSentModel {
  /** How long the link in the mail works, in seconds. */
  lifetime: number;
  /** Back to the sign-in, when there is one open. */
  signInUrl: string | null;
}

/** The page after asking for a link, the same whether there is such an account or not. */
export function renderForgotSent(context: PageContext, { lifetime, signInUrl }: ForgotSentModel): Html {
  const { language } = context;
  const { forgotSent, forgot } = texts[language];
  return page(
    context,
    forgotSent.title,
    html`<h1>${forgotSent.title}</h1>
<p>${fillText(language, forgotSent.text, { lifetime: durationText(language, lifetime) })}</p>
<p class="quiet">${forgotSent.nothing}</p>
${signInUrl !== null && html`<p class="below"><a href="${signInUrl}">${forgot.back}</a></p>\n`}`,
  );
}

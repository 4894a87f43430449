import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { backToApplication } from '../links.ts';
import { texts } from '../texts/index.ts';

export interface ResetDoneModel {
  /** On to the sign-in, when there is one open; else the page leads back to the application. */
  signInUrl: string | null;
}

/** The page after a new password was saved. */
export function renderResetDone(context: PageContext, { signInUrl }: ResetDoneModel): Html {
  const { resetDone } = texts[context.language];
  return page(
    context,
    resetDone.title,
    html`<h1>${resetDone.title}</h1>
<p>${resetDone.text}</p>
${
  signInUrl === null
    ? backToApplication(context)
    : html`<p><a class="button main" href="${signInUrl}">${resetDone.signIn}</a></p>\n`
}`,
  );
}

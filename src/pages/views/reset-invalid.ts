import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { texts } from '../texts/index.ts';

export interface ResetInvalidModel {
  /** Where to ask for a new link. */
  forgotUrl: string;
}

/** The page for a link to reset a password that is unknown, used or too old. */
export function renderResetInvalid(context: PageContext, { forgotUrl }: ResetInvalidModel): Html {
  const { resetInvalid, sentences } = texts[context.language];
  return page(
    context,
    resetInvalid.title,
    html`<h1>${resetInvalid.title}</h1>
<p>${sentences.RESET_INVALID}</p>
<p><a class="button main" href="${forgotUrl}">${resetInvalid.again}</a></p>
`,
  );
}

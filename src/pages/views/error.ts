import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { backToApplication } from '../links.ts';
import { referenceFacts } from '../reference.ts';
import { texts } from '../texts/index.ts';

export interface ErrorModel {
  /** Did a sign-in fail, or something else, such as signing out? */
  about: 'sign-in' | 'other';
  /** The sentence for the person: `personSentence`. */
  text: string;
  code: string;
  /** What an admin finds the failure by. */
  reference: string | null;
}

/** The page that a failure ends on. */
export function renderError(context: PageContext, { about, text, code, reference }: ErrorModel): Html {
  const { error } = texts[context.language];
  const title = about === 'sign-in' ? error.signInTitle : error.generalTitle;
  return page(
    context,
    title,
    html`<h1>${title}</h1>
<p>${text}</p>
${backToApplication(context)}${referenceFacts(context, { reference, code })}`,
  );
}

import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { backToApplication } from '../links.ts';
import { referenceFacts } from '../reference.ts';
import { texts } from '../texts/index.ts';

export interface ExpiredModel {
  /** What an admin finds the login by. */
  reference: string | null;
}

/** The page for a login that was open for longer than its lifetime. */
export function renderExpired(context: PageContext, { reference }: ExpiredModel): Html {
  const { expired } = texts[context.language];
  return page(
    context,
    expired.title,
    html`<h1>${expired.title}</h1>
<p>${expired.text}</p>
${backToApplication(context)}${referenceFacts(context, { reference, code: 'LOGIN_EXPIRED' })}`,
  );
}

import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { backToApplication } from '../links.ts';
import { texts } from '../texts/index.ts';

/** The page for a login that was open for longer than its lifetime. */
export function renderExpired(context: PageContext): Html {
  const { expired } = texts[context.language];
  return page(
    context,
    expired.title,
    html`<h1>${expired.title}</h1>
<p>${expired.text}</p>
${backToApplication(context)}`,
  );
}

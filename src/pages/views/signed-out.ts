import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { backToApplication } from '../links.ts';
import { texts } from '../texts/index.ts';

/** The page after signing out. */
export function renderSignedOut(context: PageContext): Html {
  const { signedOut } = texts[context.language];
  return page(
    context,
    signedOut.title,
    html`<h1>${signedOut.title}</h1>
<p>${signedOut.text}</p>
${backToApplication(context)}`,
  );
}

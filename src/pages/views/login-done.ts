import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillHtml } from '../names.ts';
import { texts } from '../texts/index.ts';

/** The page for a sign-in whose answer the application has: the back button, or an old tab. */
export function renderLoginDone(context: PageContext): Html {
  const { loginDone } = texts[context.language];
  const { application } = context;
  return page(
    context,
    loginDone.title,
    html`<h1>${loginDone.title}</h1>
<p>${application ? fillHtml(loginDone.text, { application: application.name }) : loginDone.textUnknown}</p>
`,
  );
}

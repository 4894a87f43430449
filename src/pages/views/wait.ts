import { about, applicationLine, personLine } from '../about.ts';
import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { texts } from '../texts/index.ts';

export interface WaitModel {
  /** Where to look again. The answer that carries this page has the browser go there by itself (header Refresh). */
  url: string;
}

/** The page while something else is at work. */
export function renderWait(context: PageContext, { url }: WaitModel): Html {
  const { wait } = texts[context.language];
  return page(
    context,
    wait.title,
    html`<h1>${wait.title}</h1>
${about(applicationLine(context), personLine(context))}<p role="status">${wait.text}</p>
<p><a class="button main" href="${url}">${wait.look}</a></p>
`,
  );
}

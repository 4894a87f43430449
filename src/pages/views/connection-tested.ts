import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillHtml } from '../names.ts';
import { texts } from '../texts/index.ts';

/** Where the round trip of a connection's test ends. What came is for the admin alone; whoever signed in learns the verdict. */
export function renderConnectionTested(
  context: PageContext,
  { connection, passed }: { connection: string; passed: boolean },
): Html {
  const { connectionTested } = texts[context.language];
  const { passedTitle, failedTitle } = connectionTested;
  const title = passed ? passedTitle : failedTitle;
  const text = passed ? connectionTested.passed : connectionTested.failed;
  return page(
    context,
    title,
    html`<h1>${title}</h1>
<p>${fillHtml(text, { connection })}</p>
`,
  );
}

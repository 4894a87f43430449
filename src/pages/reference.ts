import type { PageContext } from './context.ts';
import { type Hole, html } from './html.ts';
import { texts } from './texts/index.ts';

/** What a failure is found by: its reference, which an admin can look up, and its code. */
export function referenceFacts(
  { language }: PageContext,
  { reference, code }: { reference: string | null; code: string },
): Hole {
  const { error } = texts[language];
  return html`<dl class="facts">
${reference !== null && html`<div><dt>${error.reference}</dt><dd><code dir="ltr">${reference}</code></dd></div>\n`}<div><dt>${error.code}</dt><dd><code dir="ltr">${code}</code></dd></div>
</dl>
${reference !== null && html`<p class="quiet">${error.help}</p>\n`}`;
}

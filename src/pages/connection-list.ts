import type { PageContext } from './context.ts';
import { form } from './forms.ts';
import { type Hole, type Html, html } from './html.ts';
import { cleanName, fillHtml } from './names.ts';
import { texts } from './texts/index.ts';

/** @param beside they stand below a form that is another way to sign in. */
export function connectionList(
  context: PageContext,
  connections: readonly { name: string }[],
  { beside }: { beside: boolean },
): Hole {
  if (connections.length === 0) return null;
  const { connection, or } = texts[context.language].password;
  return html`${beside && html`<p class="or"><span>${or}</span></p>\n`}<ul class="choices">
${connections.map(({ name }) => html`<li>${form(context, connectionButton(name, fillHtml(connection, { connection: name })))}</li>\n`)}</ul>
`;
}

function connectionButton(name: string, label: Hole): Html {
  return html`<button class="button" name="option" value="${name}"><span class="monogram" aria-hidden="true">${monogram(name)}</span><span>${label}</span></button>`;
}

/** The first letter as it is written, with what belongs to it (UAX #29). */
function monogram(name: string): string {
  const [first] = new Intl.Segmenter().segment(cleanName(name));
  return first?.segment.toUpperCase() ?? '';
}

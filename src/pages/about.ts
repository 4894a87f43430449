import type { PageContext } from './context.ts';
import { type Hole, html } from './html.ts';
import { fillHtml, nameHtml } from './names.ts';
import { texts } from './texts/index.ts';

/** The lines under a page's title that say what it is about; nothing when there are none. */
export function about(...lines: Hole[]): Hole {
  const known = lines.filter((line) => line !== null);
  return known.length > 0 && html`<div class="about">\n${known.map((line) => html`<p>${line}</p>\n`)}</div>\n`;
}

/** Which application asks. */
export function applicationLine({ language, application }: PageContext): Hole {
  if (!application) return null;
  return fillHtml(texts[language].step.application, {
    application: html`<strong>${nameHtml(application.name)}</strong>`,
  });
}

/** Who signs in, once that is known. */
export function personLine({ language, person }: PageContext, action?: Hole): Hole {
  if (person === null) return null;
  const line = fillHtml(texts[language].step.person, { person: html`<strong>${nameHtml(person)}</strong>` });
  return html`${line}${action}`;
}

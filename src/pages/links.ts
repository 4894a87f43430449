import type { PageContext } from './context.ts';
import { type Hole, html } from './html.ts';
import { fillText } from './names.ts';
import { texts } from './texts/index.ts';

/** A link back to the application, when it has a home page on the web. */
export function backToApplication({ language, application }: PageContext): Hole {
  const uri = application?.uri && webUrl(application.uri);
  if (!application || !uri) return null;
  const label = fillText(language, texts[language].step.backTo, { application: application.name });
  return html`<p><a class="button main" href="${uri}">${label}</a></p>\n`;
}

/** The URL when it is one of http or https: a registered home page may be anything, such as `javascript:`. */
function webUrl(text: string): string | null {
  const url = URL.parse(text);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
}

import type { PageContext } from '../context.ts';
import { agoText, numberText } from '../durations.ts';
import { form, mainButton } from '../forms.ts';
import { type Hole, type Html, html } from '../html.ts';
import { fillHtml, nameHtml } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface SessionLimitModel {
  /** `Unknown` for what is not known of the browser; `lastUsed` is how long ago, in seconds. */
  sessions: readonly { id: string; browser: string; platform: string; ip: string; lastUsed: number }[];
  /** How many have to be ended. */
  toEnd: number;
  /** How many may be open at once. */
  limit: number;
  otherWay: boolean;
}

/** The page that lets a person end sessions in other browsers, to make room for this one. */
export function renderSessionLimit(
  context: PageContext,
  { sessions, toEnd, limit, otherWay }: SessionLimitModel,
): Html {
  const { language, errors } = context;
  const words = texts[language].sessions;
  const numbers = { limit: html`${numberText(language, limit)}`, count: html`${numberText(language, toEnd)}` };
  const error = errors.find(({ field }) => field === 'sessions');
  const list = html`<fieldset class="picks" id="sessions" tabindex="-1"${error && html` aria-describedby="sessions-error"`}>
<legend>${fillHtml(words.choose, numbers)}</legend>
${error && html`<p class="error" id="sessions-error"><span class="visually-hidden">${texts[language].layout.errorPrefix}</span>${error.text}</p>\n`}${sessions.map((session) => item(context, session))}</fieldset>
`;
  return stepPage(context, {
    title: words.title,
    otherWay,
    body: html`<p>${fillHtml(words.lead, numbers)}</p>
${form(
  context,
  html`${list}<div class="stack">
${mainButton(words.submit)}<button class="button" name="end" value="all">${words.all}</button>
</div>`,
)}`,
  });
}

function item(
  { language }: PageContext,
  { id, browser, platform, ip, lastUsed }: SessionLimitModel['sessions'][number],
): Hole {
  const words = texts[language].sessions;
  const [known] = [browser, platform].filter((name) => name !== 'Unknown');
  const both = browser !== 'Unknown' && platform !== 'Unknown';
  const name = both ? fillHtml(words.device, { browser, platform }) : known ? nameHtml(known) : words.unknown;
  const used = fillHtml(words.used, {
    ago: html`${agoText(language, lastUsed)}`,
    ip: html`<span dir="ltr">${ip}</span>`,
  });
  return html`<label class="pick"><input class="tick" type="checkbox" name="end.${id}" value="yes"><span><span class="choice-label">${name}</span> <span class="hint">${used}</span></span></label>\n`;
}

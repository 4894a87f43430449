import { about, personLine } from '../about.ts';
import type { PageContext } from '../context.ts';
import { form } from '../forms.ts';
import { type Hole, type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillHtml, fillText } from '../names.ts';
import { texts } from '../texts/index.ts';

export interface ConsentModel {
  /** The scopes that the application asks for; those we have no words for are shown by their names. */
  scopes: readonly string[];
}

/** The page that asks whether the application may have what it asks for. Both answers look alike. */
export function renderConsent(context: PageContext, { scopes }: ConsentModel): Html {
  const { consent } = texts[context.language];
  const application = context.application?.name ?? '';
  return page(
    context,
    fillText(context.language, consent.title, { application }),
    html`<h1>${fillHtml(consent.title, { application })}</h1>
${about(personLine(context))}<p>${fillHtml(consent.lead, { application })}</p>
<ul class="scopes">
${scopes.map((scope) => html`<li>${scopeText(context, scope)}</li>\n`)}</ul>
<p class="quiet">${consent.note}</p>
${form(
  context,
  html`<div class="pair">
<button class="button" name="decision" value="deny">${consent.deny}</button>
<button class="button" name="decision" value="allow">${consent.allow}</button>
</div>`,
)}`,
  );
}

function scopeText({ language }: PageContext, scope: string): Hole {
  const { scopes, consent } = texts[language];
  const known: Readonly<Record<string, string>> = scopes;
  return Object.hasOwn(known, scope) ? known[scope] : fillHtml(consent.other, { scope });
}

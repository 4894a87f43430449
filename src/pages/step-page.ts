import { about, applicationLine, personLine } from './about.ts';
import type { PageContext } from './context.ts';
import { form } from './forms.ts';
import { type Hole, type Html, html } from './html.ts';
import { page } from './layout.ts';
import { texts } from './texts/index.ts';

export interface StepPage {
  title: string;
  body: Hole;
  /** Is there another way to pass the step? */
  otherWay: boolean;
  /** Does the step's own form have the way out? Then false. */
  cancel?: boolean;
  /** More to do than answering, such as sending a code again. They belong to the form `actionsId`. */
  actions?: Hole;
}

/** The form of the buttons that lead away from a step: they stand outside of the answer's form, so that Enter answers. */
const actionsId = 'actions';

/** A page of a sign-in's step: which application asks, who signs in, the step itself, and the ways out of it. */
export function stepPage(context: PageContext, { title, body, otherWay, actions, cancel = true }: StepPage): Html {
  const { step } = texts[context.language];
  return page(
    context,
    title,
    html`<h1>${title}</h1>
${about(applicationLine(context), personLine(context, restartButton(context)))}${body}
${form(
  context,
  html`<div class="ways">
${actions}${otherWay && html`<button class="link" name="action" value="other">${step.other}</button>\n`}${cancel && html`<button class="link" name="action" value="cancel">${step.cancel}</button>`}
</div>`,
  { id: actionsId },
)}`,
  );
}

function restartButton({ language }: PageContext): Html {
  return html` <button class="link" form="${actionsId}" name="action" value="restart">${texts[language].step.restart}</button>`;
}

import { about, applicationLine, personLine } from '../about.ts';
import type { PageContext } from '../context.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { texts } from '../texts/index.ts';

export interface StepDoneModel {
  /** Where the sign-in stands now. */
  continueUrl: string;
}

/** The page for an answer to a step that is passed already: a back button, a second tab, a form sent twice. */
export function renderStepDone(context: PageContext, { continueUrl }: StepDoneModel): Html {
  const { stepDone } = texts[context.language];
  return page(
    context,
    stepDone.title,
    html`<h1>${stepDone.title}</h1>
${about(applicationLine(context), personLine(context))}<p>${stepDone.text}</p>
<p><a class="button main" href="${continueUrl}">${stepDone.continue}</a></p>
`,
  );
}

import { basicContext } from '../pages/basic-context.ts';
import type { PageContext } from '../pages/context.ts';
import type { Html } from '../pages/html.ts';
import { renderPrompt } from '../pages/views/prompt.ts';
import { wordingIn } from '../script-assets/wording.ts';
import { csrfToken } from './browser.ts';
import type { LoginDeps } from './deps.ts';
import type { PromptVisit } from './prompt.ts';
import { describeProblem, federatedName } from './render.ts';
import { findSubjectAccount } from './visit.ts';

/** The page of a prompt. */
export async function renderPromptPage(deps: LoginDeps, visit: PromptVisit): Promise<Html> {
  const { waiting, language, facts } = visit;
  const { title, text = [], fields = [], buttons = [] } = waiting.template;
  const user = await findSubjectAccount(deps.database.read, facts);
  const context: PageContext = {
    ...basicContext(language, `/login/${visit.login.id}`),
    application: { name: visit.application.name },
    person: user?.username ?? federatedName(visit) ?? facts.claimed?.identifier ?? null,
    csrf: csrfToken(deps.box, visit.login, { seq: waiting.seq, option: null }),
    errors: waiting.problems.map((problem) => describeProblem(language, problem)),
    values: waiting.values,
  };
  return renderPrompt(context, {
    title: wordingIn(language, title),
    paragraphs: text.map((paragraph) => wordingIn(language, paragraph)),
    data: waiting.data,
    fields: fields.map(({ name, label, hint, type = 'text', required = false }) => ({
      ...{ name, type, required, label: wordingIn(language, label) },
      ...(hint === undefined ? {} : { hint: wordingIn(language, hint) }),
    })),
    buttons: buttons.map(({ name, label }) => ({ name, label: wordingIn(language, label) })),
  });
}

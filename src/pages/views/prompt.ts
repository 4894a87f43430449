import type { PageContext } from '../context.ts';
import { field, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { fillHtml, fillText, withoutDirections } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface PromptModel {
  /** Texts of the organisation's, with places such as `{name}` for `data`. */
  title: string;
  paragraphs: readonly string[];
  data: Readonly<Record<string, string>>;
  fields: readonly {
    name: string;
    label: string;
    hint?: string;
    type: 'text' | 'email' | 'tel' | 'number' | 'date';
    required: boolean;
  }[];
  /** Buttons are sent by their names; the first stands out. Without any there is «Continue». */
  buttons: readonly { name: string; label: string }[];
}

/** The page of a prompt template. */
export function renderPrompt(context: PageContext, model: PromptModel): Html {
  const { language } = context;
  const plain = (text: string) => fillText(language, withoutDirections(text), model.data);
  const [first] = model.fields;
  const fields = model.fields.map(({ name, label, hint, type, required }) =>
    field(context, {
      ...{ name, type, required, label: plain(label), first: name === first?.name, autocomplete: 'off', dir: 'auto' },
      ...(hint === undefined ? {} : { hint: plain(hint) }),
    }),
  );
  const buttons = model.buttons.map(
    ({ name, label }, index) =>
      html`<button class="${index === 0 ? 'button main' : 'button'}" name="${name}" value="1">${plain(label)}</button>\n`,
  );
  return stepPage(context, {
    title: plain(model.title),
    otherWay: false,
    body: html`${model.paragraphs.map((text) => html`<p>${fillHtml(withoutDirections(text), model.data)}</p>\n`)}${form(
      context,
      html`${fields}${buttons.length > 0 ? buttons : mainButton(texts[language].step.continue)}`,
    )}`,
  });
}

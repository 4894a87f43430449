import type { PageContext } from '../context.ts';
import { form } from '../forms.ts';
import { type Hole, type Html, html } from '../html.ts';
import { icons } from '../icons.ts';
import { fillHtml, nameHtml } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

/** One way to pass the step; `value` is what the form sends as `option`. */
export type Choice =
  | { kind: 'password'; value: string }
  | { kind: 'identifier'; value: string }
  /** `isNew`: the person is known, and has no app yet. */
  | { kind: 'totp'; value: string; isNew: boolean }
  /** `maskedAddress` only when the person is known and may see where the code will go. */
  | { kind: 'email-otp'; value: string; maskedAddress: string | null }
  | { kind: 'connection'; value: string; name: string };

export interface ChooseModel {
  choices: readonly Choice[];
}

/** The page of a step that can be passed in several ways. */
export function renderChoose(context: PageContext, { choices }: ChooseModel): Html {
  const items = choices.map((choice) => {
    const { label, hint } = wording(context, choice);
    return html`<li>${form(
      context,
      html`<button class="button choice" name="option" value="${choice.value}">${icons[choice.kind]}<span><span class="choice-label">${label}</span>${hint && html`<span class="hint">${hint}</span>`}</span></button>`,
    )}</li>\n`;
  });
  return stepPage(context, {
    title: texts[context.language].choose.title,
    otherWay: false,
    body: html`<ul class="choices">\n${items}</ul>\n`,
  });
}

function wording({ language }: PageContext, choice: Choice): { label: Hole; hint: Hole } {
  const words = texts[language].choose;
  switch (choice.kind) {
    case 'password':
      return { label: words.password, hint: null };
    case 'identifier':
      return { label: texts[language].password.username, hint: null };
    case 'totp':
      return { label: words.totp, hint: choice.isNew ? words.totpHintNew : words.totpHint };
    case 'email-otp':
      return {
        label: words.emailOtp,
        hint:
          choice.maskedAddress === null
            ? words.emailOtpHintUnknown
            : fillHtml(words.emailOtpHint, { address: choice.maskedAddress }),
      };
    case 'connection':
      return { label: nameHtml(choice.name), hint: words.connectionHint };
  }
}

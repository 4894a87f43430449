import type { PageContext } from '../context.ts';
import { codeField, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface TotpVerifyModel {
  otherWay: boolean;
}

/** The page that asks for the code of an authenticator app. */
export function renderTotpVerify(context: PageContext, { otherWay }: TotpVerifyModel): Html {
  const { totpVerify, step } = texts[context.language];
  return stepPage(context, {
    title: totpVerify.title,
    otherWay,
    body: form(context, html`${codeField(context, { hint: totpVerify.hint })}${mainButton(step.continue)}`),
  });
}

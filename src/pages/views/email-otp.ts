import type { PageContext } from '../context.ts';
import { durationText } from '../durations.ts';
import { codeField, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { fillHtml, nameHtml } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface EmailOtpModel {
  /** Where the code went: `maskAddress`; null where the page may not tell whether there is an address. */
  maskedAddress: string | null;
  /** How long a code works, in seconds. */
  lifetime: number;
  /** False once the step's resends are used up. */
  canResend: boolean;
  /** Was a new code sent just now, on the person's wish? */
  sentAgain: boolean;
  otherWay: boolean;
  /** Is the code asked for because an authenticator app is to be set up after it? */
  beforeSetUp: boolean;
}

/** The page that asks for a code that was mailed. */
export function renderEmailOtp(context: PageContext, model: EmailOtpModel): Html {
  const { emailOtp, step } = texts[context.language];
  return stepPage(context, {
    title: emailOtp.title,
    otherWay: model.otherWay,
    body: html`${model.beforeSetUp && html`<p>${emailOtp.first}</p>\n`}${codeSent(context, model)}${form(context, html`${codeField(context)}${mainButton(step.continue)}`)}${model.canResend && html`<p class="quiet below">${emailOtp.nothing}</p>\n`}`,
    actions: model.canResend && html`<button class="link" name="action" value="resend">${emailOtp.resend}</button>\n`,
  });
}

/** Where the code went, and for how long it works. */
export function codeSent(
  { language, errors }: PageContext,
  { maskedAddress, lifetime: seconds, sentAgain }: Pick<EmailOtpModel, 'maskedAddress' | 'lifetime' | 'sentAgain'>,
): Html {
  const { emailOtp } = texts[language];
  const lifetime = html`${durationText(language, seconds)}`;
  const sent =
    maskedAddress === null
      ? fillHtml(emailOtp.sentIfKnown, { lifetime })
      : fillHtml(emailOtp.sent, { address: html`<strong>${nameHtml(maskedAddress)}</strong>`, lifetime });
  return html`${sentAgain && errors.length === 0 && html`<p class="notice" role="status">${emailOtp.sentAgain}</p>\n`}<p>${sent}</p>
`;
}

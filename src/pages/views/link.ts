import type { PageContext } from '../context.ts';
import { codeField, field, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { fillHtml, nameHtml } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';
import { codeSent, type EmailOtpModel } from './email-otp.ts';

export interface LinkModel {
  /** The connection that the person comes from. */
  connection: string;
  /** What the account was found by, and what the person brought along themself: nothing else of the account is shown. */
  value: string;
  proof: { by: 'password' | 'totp' } | ({ by: 'email-code' } & Omit<EmailOtpModel, 'otherWay' | 'beforeSetUp'>);
  /** Is it asked for after another proof, which was right? */
  isSecond: boolean;
  otherWay: boolean;
}

/**
 * The page that asks whether an account is the person's, before it is linked: sent with `password` or `code`, with the
 * action `decline` («this is not mine»), or with `resend` for a new code.
 */
export function renderLink(context: PageContext, { connection, value, proof, isSecond, otherWay }: LinkModel): Html {
  const { link, emailOtp, totpVerify } = texts[context.language];
  const resend = proof.by === 'email-code' && proof.canResend;
  return stepPage(context, {
    title: link.title,
    otherWay,
    body: html`<p>${isSecond ? link.second : fillHtml(link.lead, { value: html`<strong>${nameHtml(value)}</strong>`, connection })}</p>
${proof.by === 'email-code' && codeSent(context, proof)}${form(
  context,
  html`${
    proof.by === 'password'
      ? field(context, {
          name: 'password',
          label: texts[context.language].password.password,
          type: 'password',
          autocomplete: 'current-password',
          hint: link.passwordHint,
          first: true,
        })
      : codeField(context, proof.by === 'totp' ? { hint: totpVerify.hint } : {})
  }${mainButton(link.submit)}`,
)}`,
    actions: html`${resend && html`<button class="link" name="action" value="resend">${emailOtp.resend}</button>\n`}<button class="link" name="action" value="decline">${link.decline}</button>\n`,
  });
}

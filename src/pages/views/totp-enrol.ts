import type { PageContext } from '../context.ts';
import { codeField, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { qrCodeUri } from '../qr-code.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface TotpEnrolModel {
  /** The key in base32, as it is typed into an app. */
  secret: string;
  /** The same key as an `otpauth://` URI (Key Uri Format), with issuer and account. */
  uri: string;
  otherWay: boolean;
}

/** The page where a person adds our key to an authenticator app and proves it with a first code. */
export function renderTotpEnrol(context: PageContext, { secret, uri, otherWay }: TotpEnrolModel): Html {
  const words = texts[context.language].totpEnrol;
  return stepPage(context, {
    title: words.title,
    otherWay,
    body: html`<p>${words.why}</p>
<section class="numbered">
<h2>${words.scanTitle}</h2>
<p>${words.scan}</p>
<img class="qr" src="${qrCodeUri(uri)}" alt="${words.picture}" width="200" height="200">
<details>
<summary>${words.keyTitle}</summary>
<p class="key-text">${words.key}</p>
<p class="key-text"><code class="key" dir="ltr">${inGroups(secret)}</code></p>
${uri.startsWith('otpauth://') && html`<p class="key-text"><a href="${uri}">${words.openApp}</a></p>`}
</details>
</section>
<section class="numbered">
<h2>${words.codeTitle}</h2>
${form(context, html`${codeField(context, { hint: words.codeHint, first: false })}${mainButton(words.submit)}`)}
</section>
`,
  });
}

/** Four characters at a time are easier to type; apps accept the spaces. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}

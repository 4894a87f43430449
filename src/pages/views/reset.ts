import { about } from '../about.ts';
import type { PageContext } from '../context.ts';
import { field, form, mainButton, settledUsername } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { fillHtml, fillText, nameHtml } from '../names.ts';
import { texts } from '../texts/index.ts';

export interface ResetModel {
  /** Whose password it is; only the holder of the mailed link gets here. */
  username: string;
  /** The least length of a password, in characters. */
  minimum: number;
}

/** The page where a new password is chosen: sent as `password` and `passwordAgain`. */
export function renderReset(context: PageContext, { username, minimum }: ResetModel): Html {
  const { language } = context;
  const { reset } = texts[language];
  const password = field(context, {
    name: 'password',
    label: reset.password,
    type: 'password',
    autocomplete: 'new-password',
    hint: fillText(language, reset.hint, { minimum: String(minimum) }),
    first: true,
  });
  const again = field(context, {
    name: 'passwordAgain',
    label: reset.again,
    type: 'password',
    autocomplete: 'new-password',
  });
  return page(
    context,
    reset.title,
    html`<h1>${reset.title}</h1>
${about(fillHtml(reset.account, { person: html`<strong>${nameHtml(username)}</strong>` }))}${form(context, html`${settledUsername(username)}${password}${again}${mainButton(reset.submit)}`)}`,
  );
}

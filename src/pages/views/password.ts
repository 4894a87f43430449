import { connectionList } from '../connection-list.ts';
import type { PageContext } from '../context.ts';
import { field, form, mainButton, settledUsername } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface PasswordModel {
  /** Null: the step takes no password, and the page is a choice of connections. */
  password: {
    /** The user name when it is settled already; null lets the person type it. */
    username: string | null;
    /** Null: no link for a forgotten password. */
    forgotUrl: string | null;
  } | null;
  connections: readonly { name: string }[];
  otherWay: boolean;
}

/** The page of a step that is passed with a password, with one of several connections, or with either. */
export function renderPassword(context: PageContext, { password, connections, otherWay }: PasswordModel): Html {
  const { title, connectionsOnly } = texts[context.language].password;
  const settled = password?.username ?? null;
  const shown =
    settled === null ? context : { ...context, person: context.person ?? settled, errors: aboutPassword(context) };
  return stepPage(shown, {
    title: password ? title : connectionsOnly,
    otherWay,
    body: html`${password && passwordForm(shown, password)}${connectionList(shown, connections, { beside: password !== null })}`,
  });
}

function passwordForm(context: PageContext, { username, forgotUrl }: NonNullable<PasswordModel['password']>): Html {
  const words = texts[context.language].password;
  const name =
    username === null
      ? field(context, {
          name: 'username',
          label: words.username,
          autocomplete: 'username',
          dir: 'auto',
          first: !context.values['username'],
        })
      : settledUsername(username);
  const password = field(context, {
    name: 'password',
    label: words.password,
    type: 'password',
    autocomplete: 'current-password',
    first: username !== null || Boolean(context.values['username']),
  });
  return html`${form(context, html`${name}${password}${mainButton(words.submit)}`)}${
    forgotUrl !== null && html`<p class="below"><a href="${forgotUrl}">${words.forgot}</a></p>\n`
  }`;
}

/** Errors about a user name that cannot be changed here lead to the password. */
function aboutPassword({ errors }: PageContext): PageContext['errors'] {
  return errors.map((error) => (error.field === 'username' ? { ...error, field: 'password' } : error));
}

import type { PageContext } from '../context.ts';
import { field, form, mainButton, settledUsername } from '../forms.ts';
import { type Hole, type Html, html } from '../html.ts';
import { cleanName, fillHtml } from '../names.ts';
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
  const { title, connectionsOnly, or } = texts[context.language].password;
  const settled = password?.username ?? null;
  const shown =
    settled === null ? context : { ...context, person: context.person ?? settled, errors: aboutPassword(context) };
  return stepPage(shown, {
    title: password ? title : connectionsOnly,
    otherWay,
    body: html`${password && passwordForm(shown, password)}${
      password && connections.length > 0 && html`<p class="or"><span>${or}</span></p>\n`
    }${connections.length > 0 && connectionList(shown, connections)}`,
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

function connectionList(context: PageContext, connections: PasswordModel['connections']): Html {
  const { connection } = texts[context.language].password;
  return html`<ul class="choices">
${connections.map(({ name }) => html`<li>${form(context, connectionButton(name, fillHtml(connection, { connection: name })))}</li>\n`)}</ul>
`;
}

function connectionButton(name: string, label: Hole): Html {
  return html`<button class="button" name="option" value="${name}"><span class="monogram" aria-hidden="true">${monogram(name)}</span><span>${label}</span></button>`;
}

/** The first letter as it is written, with what belongs to it (UAX #29). */
function monogram(name: string): string {
  const [first] = new Intl.Segmenter().segment(cleanName(name));
  return first?.segment.toUpperCase() ?? '';
}

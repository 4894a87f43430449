import type { PageContext } from '../context.ts';
import { field, form, settledUsername } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { fillHtml, fillText, nameHtml } from '../names.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface ProfileModel {
  /** The connection that the person comes from. */
  connection: string;
  /** What came along, by plain claim name. */
  known: readonly { claim: string; value: string }[];
  /** The user name that the account will have, or that is proposed. */
  username: { proposed: string; asked: boolean };
  /** Is a password to be chosen? The least length, in characters; null when it is not asked for. */
  password: { minimum: number } | null;
  /** Attributes to fill in: the field's name and the plain claim name. */
  attributes: readonly { name: string; claim: string }[];
  /** Is there another way to pass the step? */
  otherWay: boolean;
}

/**
 * The page before an account is made for somebody who comes from a connection for the first time. Sent with the action
 * `create`: `username`, `password` and `passwordAgain`, and the attributes' fields. Both answers look alike.
 */
export function renderProfile(context: PageContext, model: ProfileModel): Html {
  const { language } = context;
  const { profile, reset } = texts[language];
  const { connection, known, attributes } = model;
  const { asked: asksName, proposed } = model.username;
  const username =
    asksName &&
    field(context, {
      name: 'username',
      label: profile.username,
      autocomplete: 'username',
      hint: profile.usernameHint,
      dir: 'auto',
      first: true,
    });
  const password = model.password && [
    field(context, {
      name: 'password',
      label: reset.password,
      type: 'password',
      autocomplete: 'new-password',
      hint: fillText(language, reset.hint, { minimum: String(model.password.minimum) }),
      first: !asksName,
    }),
    field(context, { name: 'passwordAgain', label: reset.again, type: 'password', autocomplete: 'new-password' }),
  ];
  const asked = attributes.map(({ name, claim }) =>
    field(context, {
      name,
      label: claimLabel(context, claim),
      autocomplete: autocompletes[claim] ?? 'on',
      dir: 'auto',
    }),
  );
  return stepPage(context, {
    title: profile.title,
    otherWay: model.otherWay,
    cancel: false,
    body: html`<p>${fillHtml(profile.lead, { connection })}</p>
${!asksName && html`<p>${fillHtml(profile.named, { username: html`<strong>${nameHtml(proposed)}</strong>` })}</p>\n`}${
  known.length > 0 &&
  html`<p>${fillHtml(profile.known, { connection })}</p>
<ul class="scopes">
${known.map(({ claim, value }) => html`<li>${claimLabel(context, claim)}: ${nameHtml(value)}</li>\n`)}</ul>
`
}${form(
  context,
  html`${!asksName && model.password && settledUsername(proposed)}${username}${asked}${password}<div class="pair">
<button class="button" name="action" value="create">${profile.create}</button>
<button class="button" name="action" value="cancel">${profile.deny}</button>
</div>`,
)}`,
  });
}

/** What a claim is called, where we have a word for it. */
function claimLabel({ language }: PageContext, claim: string): string {
  const known: Readonly<Record<string, string>> = texts[language].claims;
  return Object.hasOwn(known, claim) ? (known[claim] ?? claim) : claim;
}

/** HTML, section 4.10.18.7: what browsers can fill in. */
const autocompletes: Readonly<Record<string, string>> = {
  emailaddress: 'email',
  givenname: 'given-name',
  lastname: 'family-name',
  fullname: 'name',
  nickname: 'nickname',
  mobile: 'tel',
  dob: 'bday',
  country: 'country-name',
  organization: 'organization',
};

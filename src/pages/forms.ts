import type { PageContext } from './context.ts';
import { attributes, type Hole, type Html, html } from './html.ts';
import { texts } from './texts/index.ts';

/** A form that posts to the page's action with its token. */
export function form(context: PageContext, body: Hole, { id }: { id?: string } = {}): Html {
  return html`<form${attributes({ method: 'post', action: context.action, id, novalidate: true })}>
<input type="hidden" name="csrf" value="${context.csrf}">
${body}
</form>
`;
}

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'password' | 'email' | 'tel' | 'number' | 'date';
  /** Default: true. */
  required?: boolean;
  autocomplete: string;
  hint?: string;
  inputmode?: 'numeric';
  /** `ltr` for what is written in Latin letters and digits whatever the page's language is. */
  dir?: 'ltr' | 'auto';
  /** The first field to fill in takes the focus, unless there are errors to be read first. */
  first?: boolean;
  style?: 'code';
}

/** A labelled field with its hint, and its error when there is one. */
export function field(
  context: PageContext,
  { name, label, type = 'text', required = true, hint, first, style, ...rest }: Field,
): Html {
  const error = context.errors.find((each) => each.field === name);
  const describedBy = [error && `${name}-error`, hint !== undefined && `${name}-hint`].filter(Boolean).join(' ');
  const input = attributes({
    id: name,
    name,
    type,
    ...rest,
    value: type === 'password' ? null : typedBefore(context, name).slice(0, longestValue),
    required,
    autocapitalize: 'none',
    spellcheck: 'false',
    autofocus: first === true && context.errors.length === 0,
    'aria-describedby': describedBy || null,
    'aria-invalid': error ? 'true' : null,
  });
  return html`<div${attributes({ class: ['field', style, error && 'wrong'].filter(Boolean).join(' ') })}>
<div class="label-row"><label for="${name}">${label}</label>${type === 'password' && revealButton(context, name)}</div>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>\n`}${error && errorLine(context, name, error.text)}<input${input}>
</div>
`;
}

/** Names of fields may be an admin's choice: `constructor` is one like any other. */
function typedBefore({ values }: PageContext, name: string): string {
  return Object.hasOwn(values, name) ? (values[name] ?? '') : '';
}

/** The one field for a code, from whatever it comes. */
export function codeField(context: PageContext, { hint, first = true }: { hint?: string; first?: boolean } = {}): Html {
  return field(context, {
    name: 'code',
    label: texts[context.language].step.code,
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    dir: 'ltr',
    style: 'code',
    first,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Not to be seen, the name stands above; password managers read it here to know whose password to fill in or keep. */
export function settledUsername(username: string): Html {
  return html`<input class="visually-hidden" name="username" type="text" autocomplete="username" value="${username}" readonly tabindex="-1" aria-hidden="true">\n`;
}

/** The button that a page is for. */
export function mainButton(label: string): Html {
  return html`<button class="button main">${label}</button>\n`;
}

/** In UTF-16 code units; what was typed beyond it is not shown again. */
const longestValue = 500;

function errorLine({ language }: PageContext, name: string, text: string): Html {
  const { errorPrefix } = texts[language].layout;
  return html`<p class="error" id="${name}-error"><span class="visually-hidden">${errorPrefix}</span>${text}</p>\n`;
}

/** Stays hidden until the script shows it: it does nothing without. */
function revealButton({ language }: PageContext, name: string): Html {
  const { show, hide, showLabel, hideLabel } = texts[language].password;
  const wording = { 'data-show': show, 'data-show-label': showLabel, 'data-hide': hide, 'data-hide-label': hideLabel };
  return html`<button type="button" class="link reveal" hidden${attributes({ 'aria-controls': name, ...wording })}></button>`;
}

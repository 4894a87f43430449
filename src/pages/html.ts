/**
 * A template tag that escapes. What is put into a hole comes out as text, whatever it holds: it cannot end the element or
 * the quoted attribute it stands in. Only values that this file made (`Html`) pass as markup.
 *
 * Holes belong in element text or in attributes with double quotes. They never belong in `<script>`, `<style>`, a tag's or
 * an attribute's name, or an attribute without quotes.
 */

class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Finished markup. `String(value)` gives it as text to send. Only `html` and `attributes` make it. */
export type Html = Markup;

/** What a hole takes: text, numbers, finished markup, lists of them; null, undefined and false leave it empty. */
export type Hole = Html | string | number | null | undefined | false | readonly Hole[];

/** Builds markup: html`<p>${text}</p>`. */
export function html(parts: TemplateStringsArray, ...holes: Hole[]): Html {
  let text = parts[0] ?? '';
  holes.forEach((hole, index) => {
    text += render(hole) + (parts[index + 1] ?? '');
  });
  return new Markup(text);
}

/**
 * Attributes of an element, each with a space before it: html`<input${attributes({ name: 'code', required: true })}>`.
 * True gives the bare name; false, null and undefined leave the attribute out. Names come from our own code only.
 */
export function attributes(values: Record<string, string | number | boolean | null | undefined>): Html {
  let text = '';
  for (const [name, value] of Object.entries(values)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name) || name.startsWith('on') || name === 'style') {
      throw new Error(`"${name}" is not an attribute that pages may use`);
    }
    if (value === true) text += ` ${name}`;
    else if (value !== false && value !== null && value !== undefined)
      text += ` ${name}="${escapeText(String(value))}"`;
  }
  return new Markup(text);
}

function render(hole: Hole): string {
  if (hole === null || hole === undefined || hole === false) return '';
  if (hole instanceof Markup) return hole.toString();
  if (typeof hole === 'object') return hole.map(render).join('');
  return escapeText(String(hole));
}

/** The longest text a hole takes, in UTF-16 code units; above our longest data URI, far below what would slow a browser. */
const longestText = 20_000;

function escapeText(text: string): string {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return cut.toWellFormed().replace(special, (character) => entities[character] ?? '\u{FFFD}');
}

/** Characters with a meaning in HTML, and control characters that HTML does not allow. */
const special = /[&<>"'`\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

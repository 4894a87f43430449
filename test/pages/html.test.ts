import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributes, type Hole, html } from '../../src/pages/html.ts';

/** Text with the characters that matter often in it. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '&',
        '`',
        '=',
        '/',
        '-->',
        '&lt;',
        '</p>',
        '<script>',
        '\0',
        '\u{202E}',
        'a',
        ' ',
      ),
    )
    .map((parts) => parts.join('')),
);

/** What a browser reads from escaped text; characters that HTML does not allow were replaced. */
const read = (escaped: string) =>
  escaped.replace(/&(amp|lt|gt|quot|#39|#96);/g, (_whole, name: string) => characters[name] ?? '');
const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
const readable = (text: string) =>
  text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '\u{FFFD}');

describe('html', () => {
  test('keeps any text inside the element it was put into', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [, inside] = /^<p>([^<>]*)<\/p>$/.exec(String(html`<p>${text}</p>`)) ?? [];
        expect(read(inside ?? 'left its place')).toBe(readable(text));
      }),
    );
  });

  test('keeps any text inside the quoted attribute it was put into', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (first, second) => {
        const markup = String(html`<p title="${first}"${attributes({ lang: second })}></p>`);
        const [, title, lang] = /^<p title="([^"<>`']*)" lang="([^"<>`']*)"><\/p>$/.exec(markup) ?? [];
        expect([read(title ?? 'left its place'), read(lang ?? 'left its place')]).toEqual([
          readable(first),
          readable(second),
        ]);
      }),
    );
  });

  test('escapes text in lists, however deep', () => {
    const { hole } = fc.letrec<{ hole: Hole }>((tie) => ({
      hole: fc.oneof(
        { depthSize: 'small' },
        hostileText,
        fc.integer(),
        fc.constantFrom(null, undefined, false as const),
        fc.array(tie('hole')),
      ),
    }));
    fc.assert(fc.property(hole, (value) => !/[<>"']/.test(String(html`${value}`))));
  });

  test('passes markup that it made itself, once and unchanged', () => {
    expect(String(html`<ul>${[html`<li>${'<'}</li>`, html`<li>&</li>`]}</ul>`)).toBe(
      '<ul><li>&lt;</li><li>&</li></ul>',
    );
  });

  test('takes nothing else for markup, whatever it looks like', () => {
    const forged = { toString: () => '<b>', markup: '<b>' } as unknown as Hole;
    expect(() => String(html`${forged}`)).toThrow();
    const claimed = Object.create(Object.getPrototypeOf(html``)) as Hole;
    expect(() => String(html`${claimed}`)).toThrow();
  });

  test('leaves holes empty for null, undefined and false, but not for zero', () => {
    expect(String(html`[${null}${undefined}${false}${0}${''}]`)).toBe('[0]');
  });

  test('cuts very long text, also where a character would be halved', () => {
    const markup = String(html`<p>${`${'x'.repeat(19_999)}\u{1F600}${'y'.repeat(1_000_000)}`}</p>`);
    expect(markup.length).toBeLessThan(20_020);
    expect(markup).toMatch(/x\u{FFFD}…<\/p>$/u);
    expect(String(html`${'<'.repeat(1_000_000)}`).length).toBeLessThan(4 * 20_000 + 2);
  });
});

describe('attributes', () => {
  test('writes names with values, bare names, and nothing for what is off', () => {
    expect(
      String(html`<input${attributes({ name: 'a"b', maxlength: 3, required: true, hidden: false, id: null })}>`),
    ).toBe('<input name="a&quot;b" maxlength="3" required>');
  });

  test.each(['onclick', 'style', 'a b', 'A', 'x"', '', 'x>'])('refuses the name %j', (name) => {
    expect(() => attributes({ [name]: 'x' })).toThrow('not an attribute');
  });
});

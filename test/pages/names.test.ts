import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html } from '../../src/pages/html.ts';
import { cleanName, fillHtml, fillText, nameHtml, nameText, placesOf } from '../../src/pages/names.ts';

const controls = ['\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069'];

describe('a name', () => {
  test('never carries a character that turns the text around it', () => {
    const name = fc
      .array(fc.oneof(fc.constantFrom(...controls), fc.string({ unit: 'grapheme' })))
      .map((parts) => parts.join(''));
    fc.assert(fc.property(name, (text) => !/[\u202A-\u202E\u2066-\u2069]/.test(cleanName(text))));
  });

  test('is isolated in markup', () => {
    expect(String(nameHtml('\u202Egnp.exe <b>'))).toBe('<bdi>gnp.exe &lt;b&gt;</bdi>');
  });

  test('is isolated in text where the directions differ, and only there', () => {
    expect(nameText('en', 'Google')).toBe('Google');
    expect(nameText('de', 'שלום')).toBe('\u2068שלום\u2069');
    expect(nameText('ar', 'Google')).toBe('\u2068Google\u2069');
  });

  test('stays on one line and has an end', () => {
    expect(cleanName('  Ann\r\n\tLee \u2028 X ')).toBe('Ann Lee X');
    expect(cleanName('a'.repeat(1_000_000))).toBe(`${'a'.repeat(100)}…`);
    expect([...cleanName('\u{1F600}'.repeat(1_000))]).toHaveLength(101);
  });
});

describe('filling a text', () => {
  test('puts each name into its place, isolated', () => {
    expect(fillText('en', '{a} to {b}', { a: 'x', b: 'שלום' })).toBe('x to \u2068שלום\u2069');
    expect(String(fillHtml('<{a}> to {b}', { a: '<i>', b: html`<b>b</b>` }))).toBe(
      '&lt;<bdi>&lt;i&gt;</bdi>&gt; to <b>b</b>',
    );
  });

  test('does not read a place out of a name', () => {
    expect(fillText('en', '{a} {b}', { a: '{b}', b: 'x' })).toBe('{b} x');
    expect(String(fillHtml('{a} {b}', { a: '{b}', b: 'x' }))).toBe('<bdi>{b}</bdi> <bdi>x</bdi>');
  });

  test('leaves a place without a name as it is, even one called like a property of every object', () => {
    expect(fillText('en', '{toString}', {})).toBe('{toString}');
    expect(String(fillHtml('{constructor}', {}))).toBe('{constructor}');
    expect(placesOf('{a} and {b}')).toEqual(['a', 'b']);
  });
});

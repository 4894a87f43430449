import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { renderPrompt } from '../../src/pages/views/prompt.ts';
import { builtInPrompts, findTemplateFaults, PromptTemplate } from '../../src/script-assets/prompt-template.ts';
import { wordingIn } from '../../src/script-assets/wording.ts';
import { sampleContext } from '../pages/samples.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '" onfocus="x',
    '{name}',
    '{__proto__}',
    '{constructor}',
    '\u202E{name}',
  ),
);
const wording = fc.oneof(text, fc.record({ en: text, de: text }, { requiredKeys: ['en'] }));
const name = fc.oneof(fc.constantFrom('a', 'csrf', '__proto__', 'constructor', 'x"y', 'action'), fc.string());
const template = fc.record(
  {
    title: wording,
    text: fc.array(wording, { maxLength: 3 }),
    fields: fc.array(fc.record({ name, label: wording, required: fc.boolean() }), { maxLength: 3 }),
    buttons: fc.array(fc.record({ name: fc.oneof(fc.constant('action.ok'), name), label: wording }), { maxLength: 3 }),
  },
  { requiredKeys: ['title'] },
);

test('whatever is read for a template, the answer is yes or no', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), template), (value) => {
      if (Value.Check(PromptTemplate, value)) expect(Array.isArray(findTemplateFaults(value))).toBe(true);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('whatever a template and its data hold, the page has our elements alone', () => {
  const data = fc.dictionary(fc.constantFrom('name', 'x', '__proto__'), text);
  fc.assert(
    fc.property(template, data, (value, values) => {
      fc.pre(Value.Check(PromptTemplate, value) && findTemplateFaults(value).length === 0);
      const page = String(
        renderPrompt(sampleContext(), {
          title: wordingIn('en', value.title),
          paragraphs: (value.text ?? []).map((each) => wordingIn('en', each)),
          data: values,
          fields: (value.fields ?? []).map((each) => ({
            ...{ name: each.name, label: wordingIn('en', each.label), type: 'text', required: each.required ?? false },
          })),
          buttons: (value.buttons ?? []).map((each) => ({ name: each.name, label: wordingIn('en', each.label) })),
        }),
      );
      expect(page.match(/<script/g)).toHaveLength(1);
      expect(page).not.toMatch(/<[^>]* on\w+=/);
      expect(page).not.toMatch(/[\u202A-\u202E]<\/bdi>/);
      expect(page.match(/<form/g)).toHaveLength(2);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test.each([...builtInPrompts])('the prompt %s is a sound template', (_name, built) => {
  expect(Value.Check(PromptTemplate, built)).toBe(true);
  expect(findTemplateFaults(built)).toEqual([]);
});

test.each(['action', 'actions', 'csrf', 'option', 'password', 'code', 'summary-title'])(
  'no field can have the page’s own name «%s»',
  (own) => {
    const fields = [{ name: own, label: 'x' }];
    expect(findTemplateFaults({ title: 'x', fields })).toEqual([
      { path: '/fields/0/name', message: `«${own}» cannot be the name of a field.` },
    ]);
    expect(findTemplateFaults({ title: 'x', fields: [{ name: `${own}s2`, label: 'x' }] })).toEqual([]);
  },
);

import { expect, it } from 'vitest';
import { createRevealer } from '../../src/calls/reveal.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createTypedFields } from '../../src/login/typed.ts';
import { writePlaceholder } from '../../src/secrets/placeholder.ts';
import { sealSecret } from '../../src/secrets/secret.ts';

const box = createCryptoBox({ keys: new Map([['k1', Buffer.alloc(32, 1)]]), macKey: Buffer.alloc(32, 2) });
const [ours, theirs] = [newId('login'), newId('login')];
const id = newId('secret');
const value = 'p&"ä canary+/ 1';
const secrets = {
  findVersion: async (name: string, version: number) =>
    name === 'KEY' && version === 2 ? { id, version, valueSealed: sealSecret(box, id, 2, value), createdAt: 0 } : null,
};
const placeholder = writePlaceholder(box, ours, { kind: 'secret', name: 'KEY', version: 2 });
const typed = createTypedFields({ box, clock: { now: () => 0 } });
const revealer = () => createRevealer({ secrets, box, loginId: ours, typed });

it('puts a secret wherever its placeholder stands', async () => {
  expect(await revealer().reveal(`Bearer ${placeholder}, ${placeholder}`)).toBe(`Bearer ${value}, ${value}`);
  expect(await revealer().reveal(`/?k=${placeholder}`, encodeURIComponent)).toBe(`/?k=${encodeURIComponent(value)}`);
});

it('comes through JSON and URLs unchanged', () => {
  expect(JSON.stringify(placeholder)).toBe(`"${placeholder}"`);
  expect(encodeURIComponent(placeholder)).toBe(placeholder);
  expect(new URL(`https://a.example/${placeholder}?${placeholder}`).href).toBe(
    `https://a.example/${placeholder}?${placeholder}`,
  );
});

it.each([
  ['of another login', writePlaceholder(box, theirs, { kind: 'secret', name: 'KEY', version: 2 })],
  ['with another name', placeholder.replace('KEY', 'KEZ')],
  ['with another version', placeholder.replace('~2~', '~1~')],
  ['that somebody made up', 'secret~KEY~2~aaaaaaaaaaaaaaaaaaaaaa~'],
  ['cut short', placeholder.slice(0, -2)],
])('a placeholder %s stands for nothing', async (_what, text) => {
  expect(await revealer().reveal(text)).toBe(text);
});

it('a secret that is gone ends the call', async () => {
  const gone = writePlaceholder(box, ours, { kind: 'secret', name: 'GONE', version: 1 });
  await expect(revealer().reveal(gone)).rejects.toMatchObject({
    outcome: 'fail',
    detail: 'The secret «GONE» is gone.',
  });
});

it.each([
  ['as it is', value],
  ['in JSON', JSON.stringify({ echo: value })],
  ['in a URL', encodeURIComponent(value)],
  ...['', 'u', 'us', 'user:'].map((before) => [
    `in base64 after «${before}»`,
    Buffer.from(`${before}${value}:more`).toString('base64'),
  ]),
  ['in base64url', Buffer.from(value).toString('base64url')],
])('an answer that repeats the secret %s does not give it away', async (_how, answer) => {
  const { reveal, conceal } = revealer();
  await reveal(placeholder);
  const told = conceal(answer ?? '');
  expect(told).toContain(placeholder);
  expect(decodeURIComponent(told)).not.toContain('canary');
  expect(told).not.toContain(Buffer.from(value).toString('base64').slice(4, 16));
});

it.each([
  ['with a solidus escaped, as PHP writes it', JSON.stringify({ echo: value }).replaceAll('/', '\\/')],
  ['with a letter as a code', JSON.stringify({ echo: value }).replace('canary', '\\u0063anary')],
  ['in JSON in JSON', JSON.stringify({ data: JSON.stringify({ echo: value }) })],
  ['as a name', JSON.stringify({ [value]: 1 })],
  ['as a form', JSON.stringify({ body: String(new URLSearchParams({ key: value })) })],
  ['in a URL in small letters', encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
])('an answer that repeats the secret %s does not give it away either', async (_how, answer) => {
  const { reveal, conceal } = revealer();
  await reveal(placeholder);
  const told = conceal(answer);
  expect(told).toContain(placeholder);
  expect(told).not.toContain('anary');
});

it('an answer without the secret stays as it was, letter for letter', async () => {
  const { reveal, conceal } = revealer();
  await reveal(placeholder);
  const answer = '{ "big": 12345678901234567890, "text": "\\u0063" }';
  expect(conceal(answer)).toBe(answer);
});

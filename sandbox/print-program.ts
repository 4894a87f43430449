import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { guestSource } from './guest-source.ts';

/* Prints the files of this folder as JavaScript, by their URLs, as one line of JSON: what `enter.js` is sent. */

const sources: Record<string, string> = {};
for (const name of readdirSync(new URL('.', import.meta.url))) {
  if (!name.endsWith('.ts')) continue;
  const url = new URL(name, import.meta.url);
  sources[url.href] = stripTypeScriptTypes(readFileSync(url, 'utf8'));
}
sources[new URL('./guest-source.ts', import.meta.url).href] =
  `export const guestSource = () => ${JSON.stringify(guestSource())};`;
process.stdout.write(`${JSON.stringify(sources)}\n`);

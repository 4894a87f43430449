import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runNode } from './kernel/run-node.ts';
import { temporaryDirectory } from './storage/dialects.ts';

/** Packages (CommonJS, all of them) that only some installations use: a start that loads them is slower for everybody. */
const whenNeeded = ['@node-saml/node-saml', 'nodemailer', 'xml-crypto', 'xml-encryption'];

test('a start loads nothing that only some installations use', async () => {
  const directory = temporaryDirectory();
  const main = new URL('../src/main.ts', import.meta.url).href;
  const printed = await runNode(`
    import { createRequire } from 'node:module';
    Object.assign(process.env, { PORT: '0', STEPGATE_DATA: ${JSON.stringify(directory)} });
    await import(${JSON.stringify(main)});
    console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));
    process.kill(process.pid, 'SIGTERM');
  `);
  rmSync(directory, { recursive: true });
  const loaded = (name: string) => printed.split('\n').filter((file) => file.includes(`/node_modules/${name}/`));
  expect(loaded('fastify')).not.toEqual([]);
  expect(whenNeeded.flatMap(loaded)).toEqual([]);
});

import { writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import packages from '../../package.json' with { type: 'json' };
import { run as runExplore } from './explore.ts';
import { run as runFederation } from './federation.ts';
import { closeLoad } from './load.ts';
import { type Table, toMarkdown } from './measure.ts';
import { run as runMemory } from './memory.ts';
import { run as runScript } from './script.ts';
import { run as runSignIn } from './sign-in.ts';
import { run as runStorage } from './storage.ts';
import { run as runWhatIf } from './what-if.ts';

/*
 * npm run bench                    everything, about two minutes
 * npm run bench -- signin          one part: script, signin, federation, whatif, explore, memory or storage
 * npm run bench -- --json FILE     writes the numbers down as well
 */

const parts: Record<string, () => Promise<Table[]>> = {
  script: () => runScript(),
  signin: () => runSignIn(),
  federation: () => runFederation(),
  whatif: () => runWhatIf(),
  explore: () => runExplore(),
  memory: () => runMemory(),
  async storage() {
    const { rows } = await runStorage();
    return [
      {
        title: 'Commits',
        rows: rows.map(({ way, writers, unitsPerSecond, timesFull }) => ({
          way,
          writers,
          'units per second': unitsPerSecond,
          '× FULL, a commit each': timesFull,
        })),
        note: 'A unit of work as a step of a login writes it: the login moved on, an entry of its journal, an event.',
      },
    ];
  },
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`There is no part «${unknown}»; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

const { dependencies } = packages;
const [processor] = cpus();
const machine = `${cpus().length} × ${processor?.model.trim()}, ${process.platform} ${release()}, Node ${process.version}`;
const versions = ['oidc-provider', 'fastify', 'better-sqlite3', 'isolated-vm', '@node-rs/argon2']
  .map((name) => `${name} ${dependencies[name as keyof typeof dependencies]}`)
  .join(', ');
console.log(`${machine}; ${versions}\n`);

const tables: Table[] = [];
for (const [name, run] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  for (const table of await run()) {
    tables.push(table);
    console.log(toMarkdown(table));
  }
}
await closeLoad();
if (values.json !== undefined) {
  await writeFile(
    values.json,
    `${JSON.stringify({ at: new Date().toISOString(), machine, versions, tables }, null, 2)}\n`,
  );
}

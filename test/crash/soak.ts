import { parseArgs } from 'node:util';
import { play } from './play.ts';

/* `npm run soak -- --kills 100 --seed 7`: kills a server under running sign-ins, and says after each kill what is left. */

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
console.log(`${kills} kills, seed ${seed}`);
const began = performance.now();
const { evidence, faults, diedAt, mails } = await play({ kills, seed, say: (line) => console.log(line) });
const count = (kind: string) => evidence.signIns.filter((signIn) => signIn.kind === kind).length;
const kinds = [...new Set(evidence.signIns.map(({ kind }) => kind))].sort();
console.log(`
${evidence.signIns.length} sign-ins finished in ${Math.round((performance.now() - began) / 1000)} s: ${kinds.map((kind) => `${kind} ${count(kind)}`).join(', ')}
apps set up: ${evidence.enrolled.size}; used codes tried again: ${evidence.usedCodesTried}; mails: ${mails.came}, of them ${mails.twice} twice
begun again: ${[...evidence.begunAgain].map(([why, times]) => `${times} × ${why}`).join('; ') || 'none'}
died at: ${[...diedAt].map(([where, times]) => `${times} × ${where}`).join('; ') || 'nowhere'}`);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(faults.length === 0 ? 'verdict: nothing was lost and nothing doubled' : `verdict: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

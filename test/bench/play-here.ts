import { play } from '../../sandbox/play.ts';
import { defaultLimits, type Entry } from '../../sandbox/protocol.ts';
import { answer, makeScript } from './script.ts';

/* Plays the mission's script in this very process, and prints how long each play took, in milliseconds. */

const bundle = makeScript(0);
const journal: Entry[] = [];
play(bundle, journal, defaultLimits, answer);
const times: number[] = [];
for (let i = 0; i < Number(process.argv[2]) + 50; i++) {
  const begin = performance.now();
  play(bundle, [...journal], defaultLimits, answer);
  if (i >= 50) times.push(performance.now() - begin);
}
console.log(JSON.stringify(times));

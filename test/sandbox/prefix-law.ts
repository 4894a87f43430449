import { expect } from 'vitest';
import { play } from '../../sandbox/play.ts';
import { ending, essence, nobody, type Played, patient } from './world.ts';

/**
 * The law that everything else rests on: a play of the first n entries waits for exactly entry n (where that is a note,
 * for the first behind it that is none), says what the whole play said until then, and the whole journal gives the same
 * end, state and log.
 */
export function expectPrefixLaw({ bundle, journal, result }: Played): void {
  for (let n = 0; n < journal.length; n++) {
    let waitsFor = n;
    while (journal[waitsFor]?.note) waitsFor++;
    if (waitsFor === journal.length) break;
    const part = play(bundle, journal.slice(0, waitsFor), patient, nobody);
    if (part.kind !== 'waits') expect.fail(`entry ${n}: it ${ending(part)}: ${JSON.stringify(part)}`);
    const { seq, op, args } = part.question;
    expect({ seq, op, args }).toEqual({ seq: waitsFor, op: journal[waitsFor]!.op, args: journal[waitsFor]!.args });
    expect(part.said).toEqual(result.said.slice(0, part.said.length));
  }
  const again = play(bundle, structuredClone(journal), patient, nobody);
  expect(essence(again)).toEqual(essence(result));
}

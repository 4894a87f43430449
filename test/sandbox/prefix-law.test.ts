import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus } from './corpus.ts';
import { expectPrefixLaw } from './prefix-law.ts';
import { program } from './programs.ts';
import { ending, playWhole } from './world.ts';

describe('the prefix law', () => {
  it.each(corpus)('holds for $name', ({ script, happens }) => {
    const played = playWhole(script, happens);
    expect(played.journal.length).toBeGreaterThan(1);
    expectPrefixLaw(played);
  });

  it('holds for random scripts', { timeout: 600_000 }, () => {
    const runs = Number(process.env['SANDBOX_PROGRAMS'] ?? 150);
    const seed = Number(process.env['SANDBOX_SEED'] ?? 20_261_124);
    const ends: Record<string, number> = {};
    fc.assert(
      fc.property(program, ({ script, happens }) => {
        const played = playWhole(script, happens);
        const end = ending(played.result);
        ends[end] = (ends[end] ?? 0) + 1;
        // A success needs a step that was passed and proves: it is looked up in the journal, not in the play.
        if (end === 'success')
          expect(played.journal.some(({ op, answer }) => op === 'step' && isProof(answer))).toBe(true);
        expectPrefixLaw(played);
      }),
      { numRuns: runs, seed },
    );
    // The programs are worth something only if they end in many ways.
    expect(Object.keys(ends).length).toBeGreaterThanOrEqual(5);
    expect(ends['success'] ?? 0).toBeGreaterThan(runs / 10);
    expect(ends['waits'] ?? 0).toBe(0);
  });
});

function isProof(answer: string): boolean {
  const { outcome, proves } = JSON.parse(answer);
  return outcome === 'success' && proves === true;
}

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createDryRun } from '../../../src/lab/dry-run.ts';
import { takenOf } from '../../../src/lab/explore/choices.ts';
import { usualBounds } from '../../../src/lab/explore/explore.ts';
import { createPlayPath } from '../../../src/lab/explore/play-path.ts';
import { watchScript } from '../../../src/validator/watched-script.ts';
import { scenarios, scripts } from './programs.ts';
import { tellPath, tellRun } from './tell-paths.ts';
import { authenticators, createLab, google, googleWithoutJit, limits } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());
const dryRun = createDryRun({ pool, limits, authenticators, clock: { now: () => 0 } });

const steps = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
];

describe('where exploring was complete', () => {
  it.each([
    ['on', google],
    ['off', googleWithoutJit],
  ])('every random scenario goes one of its paths (provisioning %s)', async (_, connection) => {
    const connections = [connection];
    let complete = 0;
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(scripts, fc.array(scenarios, { minLength: 8, maxLength: 8 }), async (script, tried) => {
        const found = await explore(script, { steps, connections, bounds: { paths: 400 } });
        // A call outside may be answered by anything, and no script here looks at the answer.
        if (found.cut.length > 0 || found.open.some(({ what }) => what !== 'httpGet')) return;
        complete++;
        const paths = new Set(found.paths.map((path) => tellPath(path).join('\n')));
        for (const scenario of tried) {
          const flow = { steps, script, scriptEnabled: true };
          const run = await dryRun({
            flow,
            scenario,
            applicationName: 'Payroll',
            connections,
            findUser: async () => null,
          });
          const told = tellRun(run);
          if (told.at(-1) === 'waiting') continue;
          compared++;
          expect(paths).toContain(told.join('\n'));
        }
      }),
      { numRuns: 40, seed: 5 },
    );
    expect({ complete: complete > 20, compared: compared > 100 }).toEqual({ complete: true, compared: true });
  });
});

describe('the prefix law of exploring', () => {
  const folder = new URL('../../../scripts/', import.meta.url);
  const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8');

  it.each(readdirSync(folder))('the first answers of a path lead to its next question: %s', async (name) => {
    const { steps } = JSON.parse(read(name, 'cases.json'));
    const script = read(name, 'script.js');
    const watched = watchScript(script)!;
    const play = createPlayPath(
      { pool, limits, authenticators },
      { flow: { steps, script, scriptEnabled: true }, applicationName: 'Payroll', connections: [] },
      { watched, bounds: usualBounds, seesProvisioning: false },
    );
    const whole = await play([]);
    const labels = whole.choices.map((choice) => [choice.name, choice.args, takenOf(choice).label]);
    for (let n = 0; n < labels.length; n++) {
      const again = await play(whole.choices.slice(0, n));
      expect(again.choices.map((choice) => [choice.name, choice.args, takenOf(choice).label])).toEqual(labels);
      expect(again).toMatchObject({ end: whole.end, selectedAcr: whole.selectedAcr, visits: whole.visits });
    }
  });
});

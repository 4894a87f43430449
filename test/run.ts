/*
 * `npm test`: all tests, then one line with the count. The hostile suite has wall deadlines, so it runs by itself after
 * the others; so do the browser tests, which start a browser each.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const projects = ['main', 'browser', 'hostile'];
const wanted = process.argv.slice(2);

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  success: boolean;
}

const directory = mkdtempSync(join(tmpdir(), 'stepgate-tests-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
try {
  for (const project of wanted.length > 0 ? wanted : projects) {
    const report = join(directory, `${project}.json`);
    const code = await run([
      'run',
      '--project',
      project,
      '--reporter',
      'default',
      '--reporter',
      'json',
      `--outputFile.json=${report}`,
    ]);
    broken ||= code !== 0;
    const { numPassedTests, numFailedTests, numPendingTests }: Report = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    totals.skipped += numPendingTests;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
// A file that could not be loaded, or an error outside of any test, has no count of its own.
if (broken && totals.failed === 0) totals.failed = 1;
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
process.exitCode = totals.failed > 0 ? 1 : 0;

function run(args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vitest, ...args], { stdio: 'inherit' });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

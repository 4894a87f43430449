import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { beginRun } from '../../src/kernel/run.ts';

test('a run goes on until it ends, also for others in its process', () => {
  const [one, other] = [beginRun(), beginRun()];
  expect(other.isOver(one.mark)).toBe(false);
  expect(one.isOver(one.mark)).toBe(false);
  one.end();
  expect(other.isOver(one.mark)).toBe(true);
  other.end();
});

test('a run of an earlier process with our id is over', () => {
  const run = beginRun();
  expect(run.isOver({ pid: process.pid, run: 'of an earlier life' })).toBe(true);
  run.end();
});

test('a run of another process is over when the process is gone, and not before', async () => {
  const run = beginRun();
  const process = spawn('sleep', ['60']);
  await once(process, 'spawn');
  const mark = { pid: process.pid!, run: 'theirs' };
  expect(run.isOver(mark)).toBe(false);
  process.kill('SIGKILL');
  await once(process, 'exit');
  expect(run.isOver(mark)).toBe(true);
  // The first of all processes is somebody else's, and is there.
  expect(run.isOver({ pid: 1, run: 'theirs' })).toBe(false);
  run.end();
});

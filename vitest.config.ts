import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Memory that looks like a disk, where there is enough of it (containers may have 64 MiB): most tests sync databases. */
const memoryDisk = '/dev/shm';

function hasRoom(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize > 2 ** 30;
  } catch {
    return false;
  }
}

/** For playing scripts in the tests' own process: isolated-vm, stripped types, and a zone that is the same everywhere. */
const playsScripts = {
  execArgv: ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'],
  env: { TZ: 'UTC' },
};

export default defineConfig({
  test: {
    // Left alone, one core would be kept free: on two cores, nothing would run side by side.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...playsScripts,
          env: { ...playsScripts.env, ...(hasRoom(memoryDisk) ? { TMPDIR: memoryDisk } : {}) },
          // Loading the server anew for each file would take a third of the time: files leave modules and process as they were.
          isolate: false,
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/hostile/**', 'test/peers/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          // Conditions are waited for, however busy the machine is.
          expect: { poll: { timeout: 15_000 } },
        },
      },
      {
        // Real Chromium: slow to start, so these share one worker.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // Programs of others, where they are installed: `npm run test:peers`.
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        // The only tests with wall deadlines: they run alone (package.json runs this project after the others).
        test: {
          ...playsScripts,
          name: 'hostile',
          include: ['test/hostile/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

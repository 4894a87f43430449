import { defineConfig } from 'vitest/config';

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
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/hostile/**', 'test/peers/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
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

import { existsSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { demoMark } from './cli/demo/demo-directory.ts';
import { loadQuietly } from './cli/load-quietly.ts';
import { AppError, errors } from './kernel/errors.ts';
import { readSettings } from './settings.ts';

try {
  const settings = readSettings(process.env);
  if (!settings.demo && existsSync(join(settings.dataDirectory, demoMark))) {
    throw new AppError('SETTING_INVALID', {
      detail: `STEPGATE_DATA names ${settings.dataDirectory}, which belongs to the demo; choose another directory.`,
    });
  }
  // What was compiled at one start is there at the next: a third less work. Only in a directory that is the server's own,
  // which it is once it holds data: who can write there decides what runs.
  if (existsSync(settings.dataDirectory)) enableCompileCache(join(settings.dataDirectory, 'compile-cache'));
  const { createApp } = await loadQuietly(() => import('./app.ts'));
  const app = await createApp({ settings });
  await app.start();
  console.log(`Stepgate is up at ${settings.publicUrl}`);
  flushCompileCache();

  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      app.stop().then(
        () => process.exit(0),
        (fault) => {
          console.error(fault);
          process.exit(1);
        },
      );
    });
  }
} catch (failure) {
  if (failure instanceof AppError) console.error(`${failure.message} ${errors[failure.code].mend}`);
  else console.error(failure);
  process.exit(1);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadQuietly } from './cli/load-quietly.ts';
import { AppError, errors } from './kernel/errors.ts';
import { readSettings } from './settings.ts';

/** Marks the directory of `npm run demo`, whose passwords and keys everybody knows. */
const demoMark = 'DEMO-DATA';

const { createApp } = await loadQuietly(() => import('./app.ts'));

try {
  const settings = readSettings(process.env);
  if (!settings.demo && existsSync(join(settings.dataDirectory, demoMark))) {
    throw new AppError('SETTING_INVALID', {
      detail: `STEPGATE_DATA names ${settings.dataDirectory}, which belongs to the demo; choose another directory.`,
    });
  }
  const app = await createApp({ settings });
  await app.start();
  console.log(`Stepgate is up at ${settings.publicUrl}`);

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

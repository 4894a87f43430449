import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { syncDirectory } from '../../kernel/durable-file.ts';
import { AppError } from '../../kernel/errors.ts';
import { storageFault } from './faults.ts';

/**
 * Copies the committed state of a database to a new file while the server goes on. A thread of its own does it, so that a
 * large database holds up nobody.
 *
 * @param target appears when it is complete and on disk.
 * @throws AppError SETTING_INVALID when `target` exists, STORAGE_UNAVAILABLE when it cannot be written.
 */
export async function backUp(source: string, target: string): Promise<void> {
  if (existsSync(target)) {
    throw new AppError('SETTING_INVALID', { detail: `There is a file ${target} already. Name a new one.` });
  }
  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    closeSync(openSync(part, 'wx', 0o600));
    await copyInThread(source, part);
    const handle = openSync(part, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    renameSync(part, target);
    syncDirectory(dirname(target));
  } catch (error) {
    rmSync(part, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw storageFault(`The backup ${target} could not be written (${reason}).`, error);
  }
}

function copyInThread(source: string, target: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL('./backup-thread.ts', import.meta.url), { workerData: { source, target } });
  worker.once('error', reject);
  worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The backup ended with code ${code}.`))));
  return promise;
}

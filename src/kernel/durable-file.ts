import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a file that only its owner may read. It appears whole or not at all, and is on disk when the call returns.
 * @throws EEXIST when there is such a file.
 */
export function writeNewFile(file: string, content: string): void {
  const part = `${file}.${randomBytes(4).toString('hex')}.part`;
  const handle = openSync(part, 'wx', 0o600);
  try {
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // A link, not a rename: of two processes that start at once, one must lose.
    linkSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  syncDirectory(dirname(file));
}

/** Puts a directory's entries on disk: a new file whose name is not there is lost when the power fails. */
export function syncDirectory(directory: string): void {
  // Windows cannot open directories; there the file system keeps its entries in order by itself.
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory, writeNewFile } from './durable-file.ts';
import { AppError } from './errors.ts';

/** What a crypto box is made of. */
export interface InstallationKeys {
  /** 32-byte keys by name, in the file's order: the first seals, all open. */
  keys: Map<string, Buffer>;
  /** 32 bytes; the same for the life of the installation. */
  macKey: Buffer;
}

/** The file's content; keys as base64url. */
interface KeyFile {
  keys: { name: string; key: string }[];
  macKey: string;
}

/**
 * Reads the installation's keys, and makes them when there are none. Without them nothing that the database keeps sealed
 * can be read again.
 *
 * To change the key that seals, an admin puts a new one first in the file; the old ones stay as long as values are sealed
 * under them.
 *
 * @param file readable by its owner only (0600); so is the directory, if it has to be made.
 * @param create false where a database exists already: new keys would not open what it holds.
 * @throws AppError SETTING_INVALID when the file is readable by others, is not a key file, or is missing and not to be made.
 */
export function loadKeys({ file, create = true }: { file: string; create?: boolean }): InstallationKeys {
  try {
    return readKeys(file);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw asSettingInvalid(error, file);
  }
  if (!create) {
    throw invalid(`The key file ${file} is missing. Restore it: the database cannot be read with other keys.`);
  }
  try {
    makeKeys(file);
    return readKeys(file);
  } catch (error) {
    throw asSettingInvalid(error, file);
  }
}

function makeKeys(file: string): void {
  // mkdir names the first directory that it made.
  const made = mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (made) syncDirectory(dirname(made));
  try {
    writeNewFile(file, newKeys());
  } catch (error) {
    // Another process was faster: then its keys are the installation's.
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
}

function newKeys(): string {
  const content: KeyFile = {
    keys: [{ name: 'k1', key: randomBytes(32).toString('base64url') }],
    macKey: randomBytes(32).toString('base64url'),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function readKeys(file: string): InstallationKeys {
  const handle = openSync(file, 'r');
  try {
    // On Windows the mode says nothing about who may read.
    if (process.platform !== 'win32' && (fstatSync(handle).mode & 0o077) !== 0) {
      throw invalid(
        `Others than its owner may use the key file ${file}. Take their permissions away: chmod 600 ${file}`,
      );
    }
    return parse(readFileSync(handle, 'utf8'), file);
  } finally {
    closeSync(handle);
  }
}

function parse(text: string, file: string): InstallationKeys {
  let content: Partial<KeyFile> | null;
  try {
    content = JSON.parse(text) as Partial<KeyFile> | null;
  } catch {
    throw invalid(`The key file ${file} is not JSON. Restore it from a backup.`);
  }
  if (!Array.isArray(content?.keys) || content.keys.length === 0) {
    throw invalid(`The key file ${file} has no "keys". Restore it from a backup.`);
  }
  const keys = new Map<string, Buffer>();
  for (const [index, entry] of content.keys.entries()) {
    const name: unknown = entry?.name;
    // The name stands before the first dot of every sealed value.
    if (typeof name !== 'string' || !/^[\w-]{1,32}$/.test(name) || keys.has(name)) {
      throw invalid(
        `In the key file ${file}, keys[${index}].name must be 1 to 32 letters, digits, "-" or "_", each name once.`,
      );
    }
    keys.set(name, decode(entry.key, `keys[${index}].key`, file));
  }
  return { keys, macKey: decode(content.macKey, 'macKey', file) };
}

function decode(value: unknown, place: string, file: string): Buffer {
  // 32 bytes are 43 characters; anything else that Buffer would make something of was cut or damaged.
  if (typeof value !== 'string' || !/^[\w-]{43}$/.test(value)) {
    throw invalid(`In the key file ${file}, ${place} must be 32 bytes as base64url (43 characters).`);
  }
  return Buffer.from(value, 'base64url');
}

function invalid(detail: string, cause?: unknown): AppError {
  return new AppError('SETTING_INVALID', { detail, cause });
}

function asSettingInvalid(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return invalid(`The key file ${file} cannot be read or made (${reason}). Look at its owner and permissions.`, error);
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

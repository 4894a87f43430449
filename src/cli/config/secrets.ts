import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdminApi } from '../admin-api.ts';
import { readText, UsageError } from '../terminal.ts';
import type { Configuration } from './folder.ts';
import type { ConfigItem, StoredItem } from './kinds.ts';

/** Files name secrets and never hold one: where the value stands when they are applied. */
export type Reference = { fromEnv: string } | { fromFile: string };
const Reference = Type.Union([
  Type.Object({ fromEnv: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
  Type.Object({ fromFile: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
]);

/** A value on its way to the server; whoever prints what holds it prints no secret. */
export class SecretValue {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return '(secret)';
  }
}

/** The kinds of items that have a secret: its field, and where the server is asked whether it has a value. */
export const holders = [
  { name: 'secrets', field: 'value', variable: 'STEPGATE_SECRET_', compare: (id: string) => `/secrets/${id}/compare` },
  {
    name: 'connections',
    field: 'clientSecret',
    variable: 'STEPGATE_CLIENT_SECRET_',
    compare: (id: string) => `/connections/${id}/client-secret/compare`,
  },
] as const;
type Holder = (typeof holders)[number];

/** How a secret goes into a file that is written: as the file there already says, else by a variable named after it. */
export function refer({ variable }: Holder, name: string, there: unknown): Reference {
  if (Value.Check(Reference, there)) return there;
  return { fromEnv: `${variable}${name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}` };
}

/**
 * Reads the secrets that files name, and asks the server which it has already. A secret that is there and cannot be read here
 * is left as it is, with a note: not everybody who applies files has all of them.
 *
 * @param force also those are set again that the server has
 * @throws UsageError for what is no reference, and for secrets that are to be made and cannot be read, all at once
 */
export async function settleSecrets(
  api: AdminApi,
  wanted: Configuration,
  stored: ReadonlyMap<string, StoredItem[]>,
  { folder, force }: { folder: string; force: boolean },
): Promise<{ wanted: Configuration; notes: string[] }> {
  const settled: Configuration = new Map(wanted);
  const notes: string[] = [];
  const missing: string[] = [];
  for (const { name: kind, field, compare } of holders) {
    const items = await Promise.all((wanted.get(kind) ?? []).map((item) => settle(item)));
    if (wanted.has(kind)) settled.set(kind, items);

    async function settle({ name, content }: ConfigItem): Promise<ConfigItem> {
      const reference = content[field];
      if (reference === undefined || reference === null) return { name, content };
      if (!Value.Check(Reference, reference)) {
        const example = '{"fromEnv": "NAME"} or {"fromFile": "PATH"}';
        throw new UsageError(`${folder}: ${kind} «${name}»: no ${field} stands in a file; say ${example}.`);
      }
      const before = stored.get(kind)?.find((one) => one.name === name);
      const value = read(reference, folder);
      const of = `${kind} «${name}»: ${field} is to come from ${tell(reference)}, which is not there`;
      if (value === null && !before) missing.push(of);
      if (value === null && before) notes.push(`${of}; it is left as it is.`);
      const same =
        before !== undefined && (value === null || (!force && (await api.post(compare(before.id), { value }))['same']));
      return { name, content: { ...content, [field]: same ? before.content[field] : new SecretValue(value ?? '') } };
    }
  }
  if (missing.length > 0) throw new UsageError(missing.map((text) => `${text}.`).join('\n'));
  return { wanted: settled, notes };
}

/** null where it is not there, or empty. A file's last line break is not part of it. */
function read(reference: Reference, folder: string): string | null {
  if ('fromEnv' in reference) return process.env[reference.fromEnv] || null;
  try {
    return readText(join(folder, reference.fromFile)).replace(/\r?\n$/, '') || null;
  } catch (failure) {
    if (failure instanceof UsageError) return null;
    throw failure;
  }
}

function tell(reference: Reference): string {
  return 'fromEnv' in reference ? `the variable ${reference.fromEnv}` : `the file ${reference.fromFile}`;
}

/** What a plan tells of a secret: never anything of its value. @param was as the server shows it */
export function tellSecretChange(was: unknown): string {
  if (was === undefined || was === null) return 'none → set';
  const { version } = was as { version?: number };
  return version === undefined ? 'set → another' : `version ${version} → version ${version + 1}`;
}

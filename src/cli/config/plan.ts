import { isDeepStrictEqual } from 'node:util';
import { findDifferences } from '../../lab/differences.ts';
import type { AdminApi } from '../admin-api.ts';
import { short } from '../describe-run.ts';
import { paint, type Terminal } from '../terminal.ts';
import type { Configuration } from './folder.ts';
import { type ConfigItem, type Kind, kinds, type StoredItem } from './kinds.ts';
import { SecretValue, tellSecretChange } from './secrets.ts';

export type Action =
  | { do: 'create'; kind: Kind; item: ConfigItem }
  | { do: 'change'; kind: Kind; item: ConfigItem; before: StoredItem; fields: string[]; told: string[] }
  /** On the server alone. */
  | { do: 'delete'; kind: Kind; item: StoredItem };

/** Everything that files can say of a server. */
export async function readServer(api: AdminApi): Promise<Map<string, StoredItem[]>> {
  const all = new Map<string, StoredItem[]>();
  for (const kind of kinds) all.set(kind.name, await kind.list(api));
  return all;
}

/** What makes a server as the files say: first what is made or changed, in an order that works, then what is deleted. */
export function makePlan(wanted: Configuration, stored: ReadonlyMap<string, StoredItem[]>): Action[] {
  const plan: Action[] = [];
  const deletions: Action[] = [];
  for (const kind of kinds) {
    const there = stored.get(kind.name) ?? [];
    const items = wanted.get(kind.name) ?? [];
    for (const item of items) {
      const before = there.find(({ name }) => name === item.name);
      if (!before) plan.push({ do: 'create', kind, item });
      else {
        const differing = Object.keys(item.content).flatMap((field) => compare(kind, field, item, before));
        const fields = [...new Set(differing.map(({ field }) => field))];
        if (fields.length > 0) {
          plan.push({ do: 'change', kind, item, before, fields, told: differing.map(({ told }) => told) });
        }
      }
    }
    for (const item of there) {
      if (!items.some(({ name }) => name === item.name)) deletions.unshift({ do: 'delete', kind, item });
    }
  }
  return [...plan, ...deletions];
}

function compare(
  { whole }: Kind,
  field: string,
  item: ConfigItem,
  before: StoredItem,
): { field: string; told: string }[] {
  const [now, was] = [item.content[field], before.content[field]];
  if (now instanceof SecretValue) return [{ field, told: `${field}: ${tellSecretChange(was)}` }];
  if (isDeepStrictEqual(now, was)) return [];
  const differences = findDifferences(now, was, field);
  if (differences.length === 0 && whole.includes(field)) return [{ field, told: `${field}: entries are to go` }];
  return differences.map(({ path, expected, found }) => ({ field, told: `${path}: ${tellChange(found, expected)}` }));
}

function tellChange(before: unknown, after: unknown): string {
  if (typeof before !== 'string' || typeof after !== 'string' || !`${before}${after}`.includes('\n')) {
    return `${before === undefined ? 'nothing' : short(before)} → ${short(after)}`;
  }
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const line = fresh.findIndex((text, i) => text !== old[i]);
  const at = line < 0 ? fresh.length : line;
  return `from line ${at + 1}: ${short(old[at] ?? '')} → ${short(fresh[at] ?? '')}`;
}

/** @param prune are items deleted that no file has? */
export function describePlan(
  plan: readonly Action[],
  { prune }: { prune: boolean },
  notes: readonly string[],
  terminal: Terminal,
): string {
  const lines = plan.map((action) => {
    const what = `${action.kind.name} «${action.item.name}»`;
    switch (action.do) {
      case 'create':
        return paint(terminal, 'green', `+ ${what}\n`);
      case 'change':
        return `${paint(terminal, 'yellow', `~ ${what}\n`)}${action.told.map((text) => `    ${text}\n`).join('')}`;
      default:
        return prune
          ? paint(terminal, 'red', `- ${what}\n`)
          : paint(terminal, 'dim', `  ${what} is on the server alone\n`);
    }
  });
  const count = (wanted: Action['do']) => plan.filter((action) => action.do === wanted).length;
  const sum = `${count('create')} to make, ${count('change')} to change, ${prune ? count('delete') : 0} to delete\n`;
  return `${lines.join('')}${notes.map((note) => paint(terminal, 'yellow', `! ${note}\n`)).join('')}${sum}`;
}

/** What of a plan is done. */
export function activeOf(plan: readonly Action[], { prune }: { prune: boolean }): Action[] {
  return plan.filter((action) => action.do !== 'delete' || prune);
}

/** @returns what must be told once, such as client secrets */
export async function carryOut(api: AdminApi, plan: readonly Action[]): Promise<string[]> {
  const told: string[] = [];
  for (const action of plan) {
    const { kind } = action;
    if (action.do === 'create') {
      const more = await kind.create(api, action.item);
      if (more !== null) told.push(more);
    } else if (action.do === 'change') await kind.change(api, action.before, action.item, action.fields);
    else await kind.delete(api, action.item);
  }
  return told;
}

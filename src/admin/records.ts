import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../audit/event.ts';
import type { Clock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';

/** Stands for a secret that was set or changed. */
export const masked = '(secret)';

/** Writes what an admin did into the audit log, in the unit that does it. */
export function createRecords({ clock }: { clock: Clock }) {
  return async function record(
    { audit }: Pick<Stores, 'audit'>,
    event: Pick<AuditEvent, 'type' | 'target' | 'details'>,
  ): Promise<void> {
    await audit.append({
      id: newId('event'),
      at: clock.now(),
      actor: 'admin',
      loginId: null,
      reference: null,
      code: null,
      ...event,
    });
  };
}

export type RecordEvent = ReturnType<typeof createRecords>;

const bookkeeping = new Set(['updatedAt', 'revision']);

/** What is different between two states of a resource; null when nothing is. */
export function compare(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): { before: Record<string, unknown>; after: Record<string, unknown> } | null {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !bookkeeping.has(name) && !isDeepStrictEqual(before[name], after[name]),
  );
  if (names.length === 0) return null;
  const pick = (of: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, of[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}

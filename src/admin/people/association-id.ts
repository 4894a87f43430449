import type { Association } from '../../directory/user.ts';
import { sha256 } from '../../kernel/sha256.ts';

/** Opaque, and fit for a path: subjects may hold anything. */
export function associationId({ connectionId, subject }: Pick<Association, 'connectionId' | 'subject'>): string {
  return `link_${sha256(JSON.stringify([connectionId, subject])).slice(0, 22)}`;
}

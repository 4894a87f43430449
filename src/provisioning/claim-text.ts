/**
 * A claim's value as an attribute's text. Numbers and booleans are written out; lists of those are joined with commas; an
 * address (OpenID Connect Core 1.0, section 5.1.1) is its `formatted` text; any other structure is JSON. null: there is
 * nothing to keep.
 */
export function claimText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === 'object' && item !== null)) return JSON.stringify(value);
    return claimText(value.flatMap((item) => claimText(item) ?? []).join(','));
  }
  if ('formatted' in value && typeof value.formatted === 'string') return claimText(value.formatted);
  return Object.keys(value).length === 0 ? null : JSON.stringify(value);
}

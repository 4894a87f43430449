/** As much as somebody reads who points at a value: of what texts, lists and objects have. */
const maxText = 300;
const maxItems = 30;
const maxDepth = 6;

/** A JSON value with its long texts cut, its long lists and objects ended by how much more there is, and its depths closed. */
export function excerpt(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return value.length > maxText ? `${value.slice(0, maxText)}… (${value.length} characters)` : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((item) => excerpt(item, depth + 1));
    return value.length > maxItems ? [...items, `… ${value.length - maxItems} more`] : items;
  }
  const entries = Object.entries(value);
  const shown = entries.slice(0, maxItems).map(([name, item]) => [name, excerpt(item, depth + 1)]);
  return Object.fromEntries(entries.length > maxItems ? [...shown, ['…', `${entries.length - maxItems} more`]] : shown);
}

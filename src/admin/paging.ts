interface PageQuery {
  limit?: number;
  cursor?: string;
}

/**
 * One page of a list. One item more than asked for is read, to know whether there is a next page.
 * @param list gives items from behind the id `after`
 */
export async function readPage<Item extends { id: string }, View>(
  { limit = 50, cursor }: PageQuery,
  list: (page: { after: string | null; limit: number }) => Promise<Item[]>,
  show: (item: Item) => View,
): Promise<{ items: View[]; next?: string }> {
  const found = await list({ after: cursor ?? null, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(show), ...(found.length > limit && last ? { next: last.id } : {}) };
}

/** All items of a store's list, page after page. */
export async function listAll<Item extends { id: string }>(
  list: (page: { after: string | null; limit: number }) => Promise<Item[]>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const page = await list({ after: all.at(-1)?.id ?? null, limit: 200 });
    all.push(...page);
    if (page.length < 200) return all;
  }
}

import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Storage of the demo identity provider: lives and dies with the process. One map is shared by all kinds of records. */
export function createMemoryAdapterFactory(clock: { now(): number }): (model: string) => Adapter {
  const rows = new Map<string, { payload: AdapterPayload; expiresAt: number }>();

  const findLive = (key: string) => {
    const row = rows.get(key);
    if (row !== undefined && row.expiresAt > clock.now()) return row.payload;
    rows.delete(key);
    return undefined;
  };
  const findWhere = (model: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const key of rows.keys()) {
      const payload = key.startsWith(`${model}:`) ? findLive(key) : undefined;
      if (payload !== undefined && matches(payload)) return payload;
    }
    return undefined;
  };

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : clock.now() + expiresIn * 1000;
      rows.set(`${model}:${id}`, { payload, expiresAt });
    },
    async find(id) {
      return findLive(`${model}:${id}`);
    },
    async findByUid(uid) {
      return findWhere(model, (payload) => payload.uid === uid);
    },
    async findByUserCode(userCode) {
      return findWhere(model, (payload) => payload.userCode === userCode);
    },
    async consume(id) {
      const payload = findLive(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(clock.now() / 1000);
    },
    async destroy(id) {
      rows.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.payload.grantId === grantId) rows.delete(key);
    },
  });
}

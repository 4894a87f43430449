import { AppError } from '../../kernel/errors.ts';
import type { ScriptAsset, ScriptAssetId, ScriptAssetKind, ScriptAssetVersion } from '../../script-assets/asset.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { compare, createRecords } from '../records.ts';
import { checkIfMatch } from '../versioning.ts';

interface Traits {
  kind: ScriptAssetKind;
  /** «script library» */
  label: string;
  newId(): ScriptAssetId;
  /** For the audit log. */
  describe(asset: ScriptAsset): Record<string, unknown>;
}

interface Change {
  name?: string | undefined;
  content?: string | undefined;
  note?: string | undefined;
}

/** Makes, changes and deletes assets, each in one unit with its version and its event. */
export function createAssets(deps: AdminDeps, { kind, label, newId, describe }: Traits) {
  const { database, clock } = deps;
  const record = createRecords(deps);
  const type = (what: string) => `${kind}.${what}`;

  return {
    /** @throws AppError NOT_FOUND */
    async get({ scriptAssets }: Pick<Stores, 'scriptAssets'>, id: string): Promise<ScriptAsset> {
      const found = await scriptAssets.findById(id as ScriptAssetId);
      if (found?.kind !== kind) throw new AppError('NOT_FOUND', { detail: `No ${label} has this id.` });
      return found;
    },

    async create({ name, content, note }: { name: string; content: string; note?: string | undefined }) {
      const now = clock.now();
      const times = { createdAt: now, updatedAt: now, revision: 1 };
      const asset: ScriptAsset = { id: newId(), kind, name, version: 1, content, ...times };
      await database.unit(async (stores) => {
        await refuseTakenName(stores, asset);
        await stores.scriptAssets.insert(asset);
        await addVersion(stores, asset, note);
        await record(stores, {
          type: type('created'),
          target: asset.id,
          details: { before: null, after: describe(asset) },
        });
      });
      return asset;
    },

    async change(id: string, ifMatch: string | undefined, { name, content, note }: Change): Promise<ScriptAsset> {
      return database.unit(async (stores) => {
        const before = await this.get(stores, id);
        checkIfMatch(ifMatch, before);
        const isNew = content !== undefined && content !== before.content;
        const after: ScriptAsset = {
          ...before,
          name: name ?? before.name,
          ...(isNew ? { content, version: before.version + 1 } : {}),
          updatedAt: clock.now(),
        };
        const details = compare(describe(before), describe(after));
        if (!details) return before;
        await refuseTakenName(stores, after);
        if (!(await stores.scriptAssets.update(after))) throw new AppError('CHANGED_MEANWHILE');
        if (isNew) await addVersion(stores, after, note);
        await record(stores, { type: type('updated'), target: after.id, details });
        return { ...after, revision: after.revision + 1 };
      });
    },

    async delete(id: string, ifMatch: string | undefined): Promise<void> {
      await database.unit(async (stores) => {
        const before = await this.get(stores, id);
        checkIfMatch(ifMatch, before);
        await stores.scriptAssets.delete(before.id);
        const details = { before: describe(before), after: null };
        await record(stores, { type: type('deleted'), target: before.id, details });
      });
    },

    async listVersions(id: string): Promise<ScriptAssetVersion[]> {
      const asset = await this.get(database.read, id);
      return database.read.scriptAssets.listVersions(asset.id);
    },

    /** @throws AppError NOT_FOUND */
    async getVersion(id: string, version: number): Promise<ScriptAssetVersion> {
      const asset = await this.get(database.read, id);
      const found = await database.read.scriptAssets.findVersion(asset.id, version);
      if (!found) throw new AppError('NOT_FOUND', { detail: `There is no version ${version}.` });
      return found;
    },
  };

  async function addVersion({ scriptAssets }: Stores, { id, version, content, updatedAt }: ScriptAsset, note?: string) {
    const added = { assetId: id, version, content, note: note ?? null };
    await scriptAssets.insertVersion({ ...added, createdAt: updatedAt, createdBy: 'admin' });
  }

  async function refuseTakenName({ scriptAssets }: Stores, { id, name }: ScriptAsset): Promise<void> {
    const other = await scriptAssets.findByName(kind, name);
    if (!other || other.id === id) return;
    const message =
      other.name === name
        ? `There is a ${label} named «${name}».`
        : `There is a ${label} named «${other.name}», and names are the same with and without .js.`;
    throw new ContentError([createContentFinding('NAME_TAKEN', '/name', message)], { code: 'CONFLICT' });
  }
}

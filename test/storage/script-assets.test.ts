import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import type { ScriptAsset, ScriptAssetVersion } from '../../src/script-assets/asset.ts';
import { dialects, useDatabase } from './dialects.ts';
import { now } from './samples.ts';

const anAsset = (changes: Partial<ScriptAsset> = {}): ScriptAsset => ({
  id: newId('lib'),
  kind: 'script-library',
  name: 'roles.js',
  version: 1,
  content: 'exports.x = “1”; // \u0000 🔑',
  createdAt: now,
  updatedAt: now,
  revision: 1,
  ...changes,
});

const aVersion = ({ id }: ScriptAsset, version: number): ScriptAssetVersion => ({
  assetId: id,
  version,
  content: `text ${version}`,
  note: version === 1 ? null : 'why',
  createdAt: now,
  createdBy: 'admin',
});

describe.each(dialects)('script assets on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const insert = (...assets: ScriptAsset[]) =>
    storage.db.unit(async ({ scriptAssets }) => {
      for (const asset of assets) await scriptAssets.insert(asset);
    });
  const list = (kind: ScriptAsset['kind'], after: string | null = null) =>
    storage.db.read.scriptAssets.list({ kind, after, limit: 100 });

  test('what was written is read, by its id and by its name with and without .js', async () => {
    const library = anAsset();
    const template = anAsset({ id: newId('prompt'), kind: 'prompt-template', name: 'roles' });
    await insert(library, template);
    const { scriptAssets } = storage.db.read;
    expect(await scriptAssets.findById(library.id)).toEqual(library);
    for (const name of ['roles', 'roles.js']) {
      expect(await scriptAssets.findByName('script-library', name)).toEqual(library);
      expect(await scriptAssets.findByName('prompt-template', name)).toEqual(template);
    }
    for (const name of ['Roles', 'role', '.js', '']) {
      expect(await scriptAssets.findByName('script-library', name)).toBeNull();
    }
    expect(await list('script-library')).toEqual([library]);
    expect(await list('prompt-template')).toEqual([template]);
    expect(await list('script-library', library.id)).toEqual([]);
  });

  test('a name that another of its kind has is refused', async () => {
    const [first, second] = [anAsset(), anAsset({ name: 'other' })];
    await insert(first, second);
    const conflict = expect.objectContaining({ code: 'CONFLICT' });
    await expect(insert(anAsset({ name: 'roles' }))).rejects.toThrow(conflict);
    const rename = storage.db.unit(({ scriptAssets }) => scriptAssets.update({ ...second, name: 'roles' }));
    await expect(rename).rejects.toThrow(conflict);
    expect((await list('script-library')).length).toBe(2);
  });

  test('an update counts the revision up, and a late one changes nothing', async () => {
    const asset = anAsset();
    await insert(asset);
    const update = (content: string) =>
      storage.db.unit(({ scriptAssets }) => scriptAssets.update({ ...asset, content, version: 2 }));
    expect(await update('new')).toBe(true);
    expect(await update('late')).toBe(false);
    expect(await list('script-library')).toEqual([{ ...asset, content: 'new', version: 2, revision: 2 }]);
  });

  test('versions are read newest first, are never overwritten, and go with their asset alone', async () => {
    const [gone, kept] = [anAsset(), anAsset({ name: 'kept' })];
    await insert(gone, kept);
    await storage.db.unit(async ({ scriptAssets }) => {
      for (const version of [aVersion(gone, 1), aVersion(gone, 2), aVersion(kept, 1)]) {
        await scriptAssets.insertVersion(version);
      }
    });
    const { scriptAssets } = storage.db.read;
    expect(await scriptAssets.listVersions(gone.id)).toEqual([aVersion(gone, 2), aVersion(gone, 1)]);
    expect(await scriptAssets.findVersion(gone.id, 2)).toEqual(aVersion(gone, 2));
    const again = storage.db.unit((stores) => stores.scriptAssets.insertVersion(aVersion(gone, 2)));
    await expect(again).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    await storage.db.unit((stores) => stores.scriptAssets.delete(gone.id));
    expect(await scriptAssets.listVersions(gone.id)).toEqual([]);
    expect(await scriptAssets.listVersions(kept.id)).toEqual([aVersion(kept, 1)]);
  });
});

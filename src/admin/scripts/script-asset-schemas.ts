import { Type } from 'typebox';
import type { ScriptAsset, ScriptAssetVersion } from '../../script-assets/asset.ts';
import { Id, nullable, Revision, Time } from '../schemas.ts';

export const AssetName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  description: 'Unique; with and without `.js` at its end it is the same name.',
});
export const AssetNote = Type.Optional(Type.String({ maxLength: 1000, description: 'Why this version was made.' }));

export const assetFields = {
  id: Id,
  name: Type.String(),
  version: Type.Integer({ description: 'The newest version. Flows that were published before keep the older one.' }),
  createdAt: Time,
  updatedAt: Time,
  revision: Revision,
};

export const versionFields = {
  version: Type.Integer(),
  note: nullable(Type.String()),
  createdAt: Time,
  createdBy: Type.String(),
};

export const ByVersion = Type.Object({ id: Id, version: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }) });

export function showAssetFields({ id, name, version, createdAt, updatedAt, revision }: ScriptAsset) {
  return {
    id,
    name,
    version,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    revision,
  };
}

export function showVersionFields({ version, note, createdAt, createdBy }: ScriptAssetVersion) {
  return { version, note, createdAt: new Date(createdAt).toISOString(), createdBy };
}

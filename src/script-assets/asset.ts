import type { MailTemplateId, PromptTemplateId, ScriptLibraryId } from '../kernel/ids.ts';

export type ScriptAssetId = ScriptLibraryId | PromptTemplateId | MailTemplateId;
export type ScriptAssetKind = 'script-library' | 'prompt-template' | 'mail-template';

/** A text of the organisation's that sign-in scripts use by its name. Each new text is a version. */
export interface ScriptAsset {
  id: ScriptAssetId;
  kind: ScriptAssetKind;
  /** Unique among its kind, with or without `.js` at its end. */
  name: string;
  /** The newest version, and its text. */
  version: number;
  content: string;
  createdAt: number;
  updatedAt: number;
  /** Counts the changes; its ETag. */
  revision: number;
}

/** A version never changes. Sign-ins do not read it: what a flow uses is published with the flow. */
export interface ScriptAssetVersion {
  assetId: ScriptAssetId;
  version: number;
  content: string;
  note: string | null;
  createdAt: number;
  createdBy: string;
}

export interface ScriptAssetStore {
  /** @throws AppError CONFLICT when the name is taken among its kind. */
  insert(asset: ScriptAsset): Promise<void>;
  /** As ApplicationStore.update. @throws AppError CONFLICT as insert */
  update(asset: ScriptAsset): Promise<boolean>;
  /** With its versions. */
  delete(id: ScriptAssetId): Promise<void>;
  findById(id: ScriptAssetId): Promise<ScriptAsset | null>;
  findByName(kind: ScriptAssetKind, name: string): Promise<ScriptAsset | null>;
  /** In the order of their ids, from behind `after`. */
  list(page: { kind: ScriptAssetKind; after: string | null; limit: number }): Promise<ScriptAsset[]>;
  /** @throws AppError CONFLICT when there is a version with this number. */
  insertVersion(version: ScriptAssetVersion): Promise<void>;
  findVersion(id: ScriptAssetId, version: number): Promise<ScriptAssetVersion | null>;
  /** Newest first. */
  listVersions(id: ScriptAssetId): Promise<ScriptAssetVersion[]>;
}

/** The name as it is compared: a library goes by its name with and without `.js`. */
export function assetKey(name: string): string {
  return name.endsWith('.js') ? name.slice(0, -3) : name;
}

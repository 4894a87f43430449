import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { SecretId } from '../kernel/ids.ts';

/** A value that scripts use by its name and never see. */
export interface Secret {
  id: SecretId;
  /** Letters, digits, `_` and `-`; unique. */
  name: string;
  /** Counts from 1; each value is another version. */
  version: number;
  createdAt: number;
  updatedAt: number;
  revision: number;
}

/** One value of a secret, from `createdAt` until the next. */
export interface SecretVersion {
  id: SecretId;
  version: number;
  /** Sealed at `secrets/<id>/<version>`. */
  valueSealed: string;
  createdAt: number;
}

export interface SecretStore {
  /** @throws AppError CONFLICT when the name is taken */
  insert(secret: Secret, version: SecretVersion): Promise<void>;
  /** Adds the version that `secret.version` names. @returns false when somebody else changed the secret meanwhile */
  rotate(secret: Secret, version: SecretVersion): Promise<boolean>;
  /** With all its versions. */
  delete(id: SecretId): Promise<void>;
  findById(id: SecretId): Promise<Secret | null>;
  findByName(name: string): Promise<Secret | null>;
  list(page: { after: string | null; limit: number }): Promise<Secret[]>;
  /** The version that was in force at that moment. */
  findVersionAt(name: string, at: number): Promise<SecretVersion | null>;
  findVersion(name: string, version: number): Promise<SecretVersion | null>;
  /** Removes versions that had a successor before `replacedBefore`: no login uses them any more. @returns how many */
  deleteReplaced(replacedBefore: number): Promise<number>;
}

export const secretName = /^[A-Za-z0-9_-]{1,100}$/;

export function sealSecret(box: Pick<CryptoBox, 'seal'>, id: SecretId, version: number, value: string): string {
  return box.seal(value, place(id, version));
}

/** @throws Error when it was changed or moved, or its key is gone */
export function openSecret(box: Pick<CryptoBox, 'open'>, { id, version, valueSealed }: SecretVersion): string {
  return box.open(valueSealed, place(id, version));
}

function place(id: SecretId, version: number): string {
  return `secrets/${id}/${version}`;
}

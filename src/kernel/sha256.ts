import { createHash } from 'node:crypto';

/** SHA-256 as base64url: how secrets with enough chance of their own (states, tokens) are kept. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

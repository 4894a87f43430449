import { claimUri } from '../directory/claims.ts';

/** What is done to a claim on its way into an account. `first` takes the first item of a list; the others change its text. */
export const claimTransforms = ['lowercase', 'uppercase', 'trim', 'first'] as const;
export type ClaimTransform = (typeof claimTransforms)[number];

/** Our claim, by URI or plain name, that a provider's claim fills: as it comes, or changed on the way. */
export type ClaimTarget = string | { claim: string; transform: ClaimTransform };

/** The URI of our claim. */
export function targetUri(target: ClaimTarget): string {
  return claimUri(typeof target === 'string' ? target : target.claim);
}

/** A claim's value as it is to be taken. */
export function transformClaim(target: ClaimTarget, value: unknown): unknown {
  if (typeof target === 'string') return value;
  const { transform } = target;
  if (transform === 'first') return Array.isArray(value) ? value[0] : value;
  if (Array.isArray(value)) return value.map((item) => transformClaim(target, item));
  if (typeof value !== 'string') return value;
  switch (transform) {
    case 'lowercase':
      return value.toLowerCase();
    case 'uppercase':
      return value.toUpperCase();
    case 'trim':
      return value.trim();
  }
}

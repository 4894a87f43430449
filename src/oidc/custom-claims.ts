import type { Provider } from 'oidc-provider';
import { isCustomClaim } from './claim-names.ts';

/** Where an account keeps claims whose names no scope lists. */
const custom = Symbol('custom claims');

/**
 * Splits claims into those that the provider lets through by its list of scopes and those whose names it does not know.
 * Custom claims come with the scope `profile`: they say something about the person, and an application that asked for
 * less is not told.
 * @param scope the granted scopes, with spaces between.
 */
export function sortClaims(claims: Record<string, unknown>, scope: string): Record<string | symbol, unknown> {
  const entries = Object.entries(claims);
  const told = scope.split(' ').includes('profile');
  return {
    ...Object.fromEntries(entries.filter(([name]) => !isCustomClaim(name))),
    [custom]: Object.fromEntries(entries.filter(([name]) => told && isCustomClaim(name))),
  };
}

/** Makes a provider give out custom claims, which it otherwise drops, for it wants to know all names beforehand. */
export function passCustomClaims(provider: Provider): void {
  const { result } = provider.Claims.prototype;
  provider.Claims.prototype.result = async function withCustom(this: { available?: Record<symbol, unknown> }) {
    const extra = this.available?.[custom] as Record<string, unknown> | undefined;
    return { ...extra, ...(await result.call(this as never)) };
  };
}

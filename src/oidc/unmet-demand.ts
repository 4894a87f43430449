import { decodeJwt } from 'jose';
import type { LoginResult } from '../login/handoff.ts';
import { readAcr } from './login-request.ts';

type Success = Extract<LoginResult, { ok: true }>;
type Refusal = Extract<LoginResult, { ok: false }>;

/**
 * What the application demanded and the login did not reach, as the error that the application gets; null when all is
 * met. It is an error and never another login: a person who cannot meet a demand would be asked for ever.
 * @param params the authorization request's parameters, checked by the provider.
 * @param requestedAt when the request came, in seconds since the epoch.
 */
export function findUnmetDemand(params: Record<string, unknown>, requestedAt: number, result: Success): Refusal | null {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : undefined);
  const acr = readAcr(text('claims'));
  if (acr.essential && acr.values.length > 0 && !acr.values.includes(result.acr ?? '')) {
    // OpenID Connect Core Unmet Authentication Requirements 1.0
    return refuse(
      'unmet_authentication_requirements',
      'The sign-in did not reach the level that the application demands.',
    );
  }
  // Measured at the request, so that a person who takes long over the second factor is not too old at the end.
  const maxAge = text('max_age');
  if (maxAge !== undefined && result.authTime < requestedAt - Number(maxAge)) {
    return refuse('login_required', 'The person signed in longer ago than the application allows.');
  }
  if (!isDemanded(params, result.subject)) {
    return refuse('login_required', 'Another person signed in than the application asked for.');
  }
  return null;
}

/** May it be this person, for all that the application demands? */
export function isDemanded(params: Record<string, unknown>, subject: string): boolean {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : undefined);
  const demanded = [demandedSubject(text('claims')), hintedSubject(text('id_token_hint'))];
  return demanded.every((each) => each === undefined || each === subject);
}

/** The `sub` that the `claims` parameter demands (OpenID Connect Core 1.0 section 5.5.1). */
function demandedSubject(claims: string | undefined): unknown {
  if (claims === undefined) return undefined;
  return (JSON.parse(claims) as { id_token?: { sub?: { value?: unknown } | null } }).id_token?.sub?.value;
}

/** The signature was checked when the request came. */
function hintedSubject(hint: string | undefined): unknown {
  return hint === undefined ? undefined : decodeJwt(hint).sub;
}

function refuse(error: string, errorDescription: string): Refusal {
  return { ok: false, error, errorDescription };
}

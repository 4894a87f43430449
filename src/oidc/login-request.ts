import type { IncomingHttpHeaders } from 'node:http';
import { isOwnCookie } from '../kernel/own-cookie.ts';
import type { LoginRequest } from '../login/login.ts';
import { parseCookies } from './cookies.ts';

/** Headers that are the person's secrets, or were set by us on the way in. */
const hiddenHeader = /^(cookie|authorization|proxy-authorization|forwarded|x-forwarded-.*)$/;

/** Parameters that bind this one request or are secrets; whoever can read a script's log must not learn them. */
const hiddenParams = new Set(
  'state nonce code_challenge code_challenge_method id_token_hint request request_uri client_secret client_assertion password code csrf'.split(
    ' ',
  ),
);

/** An authorization request as the login gets to know it. Parameters that come twice were refused before. */
export function readLoginRequest({
  ip,
  headers,
  params,
}: {
  ip: string;
  headers: IncomingHttpHeaders;
  params: Record<string, string>;
}): LoginRequest {
  const acr = readAcr(params['claims']);
  return {
    ip,
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name, value]) => value !== undefined && !hiddenHeader.test(name))
        .map(([name, value]) => [name, String(value)]),
    ),
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !hiddenParams.has(name))),
    cookies: Object.fromEntries(Object.entries(parseCookies(headers.cookie)).filter(([name]) => !isOwnCookie(name))),
    acrValues: [...new Set([...words(params['acr_values']), ...acr.values])],
    essentialAcr: acr.essential ? acr.values : [],
    loginHint: params['login_hint'] ?? null,
    uiLocales: words(params['ui_locales']),
    maxAge: params['max_age'] === undefined ? null : Number(params['max_age']),
    prompt: words(params['prompt']),
    scopes: words(params['scope']),
  };
}

/**
 * The `acr` that the `claims` parameter asks for (OpenID Connect Core 1.0 section 5.5.1.1). Essential ones must be met;
 * others are wishes, as those in `acr_values` are.
 * @param claims the parameter's JSON text, checked by the provider.
 */
export function readAcr(claims: string | undefined): { essential: boolean; values: string[] } {
  const asked = claims === undefined ? undefined : (JSON.parse(claims) as ClaimsParameter).id_token?.acr;
  const values = asked?.values ?? (asked?.value === undefined ? [] : [asked.value]);
  return { essential: asked?.essential === true, values };
}

interface ClaimsParameter {
  id_token?: { acr?: { essential?: boolean; value?: string; values?: string[] } | null };
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter(Boolean);
}

import type { StepContext } from '../authenticator.ts';

/** The parts of a name that other servers of this kind want qualified. */
export interface Qualifiers {
  userStoreDomain: string;
  tenantDomain: string;
}

/**
 * The name that was typed, without the user store and the tenant that people may have learnt to type with it
 * (`PRIMARY/ann@carbon.super`); as it is where the script sets `skipIdentifierPreProcess`. Null when there is none.
 */
export function readIdentifier(
  typed: string | undefined,
  { parameters }: Pick<StepContext, 'parameters'>,
  { userStoreDomain, tenantDomain }: Qualifiers,
): string | null {
  const whole = (typed ?? '').trim().slice(0, 255);
  if (parameters['skipIdentifierPreProcess'] === 'true') return whole || null;
  const unqualified = withoutSuffix(withoutPrefix(whole, `${userStoreDomain}/`), `@${tenantDomain}`);
  return unqualified || null;
}

function withoutPrefix(text: string, prefix: string): string {
  return text.toLowerCase().startsWith(prefix.toLowerCase()) ? text.slice(prefix.length) : text;
}

function withoutSuffix(text: string, suffix: string): string {
  return text.toLowerCase().endsWith(suffix.toLowerCase()) ? text.slice(0, -suffix.length) : text;
}

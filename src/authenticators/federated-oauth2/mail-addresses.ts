/** Addresses looked at; nobody has more. */
const most = 100;

/**
 * The person's own address in a list such as GitHub's (`GET /user/emails`): the primary one, and whether the provider has
 * verified it. No other address stands in for it: which of several is a person's name here must not depend on their order.
 */
export function pickMailAddress(list: unknown): { email: string; email_verified: boolean } | null {
  if (!Array.isArray(list)) return null;
  for (const entry of list.slice(0, most)) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { email, primary, verified } = entry as Record<string, unknown>;
    if (primary === true && typeof email === 'string') return { email, email_verified: verified === true };
  }
  return null;
}

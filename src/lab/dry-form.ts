import { newId } from '../kernel/ids.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { identifierName, passwordName, type StepOption } from '../login/options.ts';
import { writePlaceholder } from '../secrets/placeholder.ts';

/**
 * What a form of ours would have brought, as scripts see it: nobody can read the password, here or in a sign-in.
 * @param user who typed it, by user name or as somebody of the scenario
 * @param seq the journal entry of the step
 */
export function typedBy(
  user: string | { username: string } | undefined,
  { idp, authenticator }: StepOption,
  seq: number,
): { params?: Record<string, string[]> } {
  if (idp !== localIdp || (authenticator !== passwordName && authenticator !== identifierName)) return {};
  const username = typeof user === 'string' ? user : (user?.username ?? 'somebody');
  const reference = { kind: 'typed', name: 'password', version: seq } as const;
  const password = authenticator === passwordName ? { password: [writePlaceholder(madeUp, dryLogin, reference)] } : {};
  return { params: { username: [username], ...password } };
}

const madeUp = { mac: () => 'made-up'.padEnd(22, '-') };
const dryLogin = newId('login');

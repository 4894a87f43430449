import type { Facts } from '../../login/facts.ts';

/** What an identity provider calls people who have an account here, and people who have none. */
export const subjects = { account: 'somebody', none: 'a stranger' } as const;

/** Is this somebody from a connection who has no account here and gets none, nor has proven one to be linked to? */
export function lacksAccount(ref: string, { passed }: Pick<Facts, 'passed'>): boolean {
  const without = passed.some(
    ({ user, person }) => user === ref && 'federated' in person && person.federated.subject === subjects.none,
  );
  return without && !passed.some(({ provesLink }) => provesLink);
}

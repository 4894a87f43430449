import { claimUri, writeClaim } from '../../directory/claims.ts';
import type { Membership, User } from '../../directory/user.ts';
import { cleanUsername, usernameKey } from '../../directory/usernames.ts';
import { AppError } from '../../kernel/errors.ts';
import { escapePointer } from '../../kernel/json.ts';
import type { Finding } from '../../validator/finding.ts';
import { ContentError, createContentFinding, refuseIfAny } from '../content-error.ts';
import type { UserPatch } from './user-schemas.ts';

/**
 * A user with what an admin gives: claims are merged, lists are replaced, and who kept a role or group keeps its origin.
 * @throws ContentError naming each place that is wrong
 */
export function changeUser(before: User, patch: Omit<UserPatch, 'password'>, now: number): User {
  let user: User = { ...before, updatedAt: now };
  if (patch.username !== undefined) user = { ...user, ...readUsername(patch.username) };
  for (const [claim, value] of Object.entries(patch.claims ?? {})) user = write(user, claim, value);
  if (patch.verified !== undefined) user = { ...user, verified: readVerified(user, patch.verified) };
  if (patch.roles !== undefined) user = { ...user, roles: replace(user.roles, patch.roles) };
  if (patch.groups !== undefined) user = { ...user, groups: replace(user.groups, patch.groups) };
  if (patch.locked !== undefined) user = { ...user, locked: patch.locked };
  if (patch.disabled !== undefined) user = { ...user, disabled: patch.disabled };
  return user;
}

function readUsername(given: string): Pick<User, 'username' | 'usernameKey'> {
  const username = cleanUsername(given);
  try {
    return { username, usernameKey: usernameKey(username) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const finding = createContentFinding(error.code, '/username', error.detail ?? error.message);
    throw new ContentError([finding], { code: error.code });
  }
}

function write(user: User, claim: string, value: string | null): User {
  try {
    return writeClaim(user, claim, value, 'admin');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const path = `/claims/${escapePointer(claim)}`;
    throw new ContentError([createContentFinding('NO_ATTRIBUTE', path, error.detail ?? error.message)]);
  }
}

function readVerified(user: User, given: readonly string[]): string[] {
  const uris = given.map(claimUri);
  const findings = uris.flatMap((uri, i): Finding[] =>
    user.attributes.some((attribute) => attribute.uri === uri)
      ? []
      : [createContentFinding('NO_ATTRIBUTE', `/verified/${i}`, `The person has no attribute ${uri}.`)],
  );
  refuseIfAny(findings);
  return [...new Set(uris)];
}

function replace(before: readonly Membership[], names: readonly string[]): Membership[] {
  return names.map((name) => before.find((one) => one.name === name) ?? { name, origin: 'admin' });
}

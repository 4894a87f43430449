import { claims as ours } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { type AccountContent, listChanges, noContent } from './changes.ts';
import { listProven, mapClaims } from './map-claims.ts';
import { mapGroups } from './map-groups.ts';
import type { ProvisioningInput, ProvisioningResult } from './provision.ts';
import { syncAttributes, syncMemberships } from './sync.ts';
import { type WishedUsername, wishUsername } from './wish-username.ts';

type Changes = ProvisioningResult['changes'];

/** What is to be done for a person from a connection. */
export type Plan =
  /** Make an account; its user name is a wish, which the database may refuse. */
  | { kind: 'create'; wish: WishedUsername; content: AccountContent; changes: Changes }
  | { kind: 'update'; user: User; changes: Changes }
  /** Nothing is written. */
  | { kind: 'keep'; result: 'known' | 'unchanged' | 'disabled' | 'skipped'; user: User | null }
  /** The person may not come in. */
  | { kind: 'refuse'; user: User; code: ErrorCode };

/** Decides from the input alone, so that a live login, a dry run and a preview come to the same. */
export function planProvisioning(input: ProvisioningInput): Plan {
  const { connection, known, now } = input;
  const { jit } = connection;
  if (known?.disabled) return { kind: 'refuse', user: known, code: 'ACCOUNT_DISABLED' };
  if (known?.locked) return { kind: 'refuse', user: known, code: 'ACCOUNT_LOCKED' };
  if (input.skip) return { kind: 'keep', result: 'skipped', user: known };
  if (!jit.enabled) return { kind: 'keep', result: known ? 'known' : 'disabled', user: known };
  if (known && jit.attributeSync === 'NONE') return { kind: 'keep', result: 'unchanged', user: known };

  if (!known) {
    const wish = wishUsername(connection, input.person);
    const content = { ...writeContent(noContent, input), username: wish.username };
    return { kind: 'create', wish, content, changes: listChanges(noContent, content) };
  }
  const content = writeContent(known, input);
  const changes = listChanges(known, content);
  return changes.length === 0
    ? { kind: 'keep', result: 'unchanged', user: known }
    : { kind: 'update', user: { ...known, ...content, updatedAt: now }, changes };
}

function writeContent(before: AccountContent, { connection, person }: ProvisioningInput): AccountContent {
  const { jit } = connection;
  const origin = `connection:${connection.id}` as const;
  // A new account takes everything over; what NONE means is that later logins leave it alone.
  const attributeMode = jit.attributeSync === 'NONE' ? 'PRESERVE_LOCAL' : jit.attributeSync;
  const attributes = syncAttributes(before.attributes, mapClaims(connection, person.claims), {
    origin,
    mode: attributeMode,
  });
  const { groups, roles } = mapGroups(connection, person.claims);
  const membershipMode = { origin, mode: jit.groupSync };
  return {
    username: before.username,
    attributes,
    verified: listVerified(before, attributes, { connection, person }),
    roles: syncMemberships(before.roles, roles, membershipMode),
    groups: syncMemberships(before.groups, groups, membershipMode),
  };
}

/** A value stays proven as long as it stays; a mail address that the provider itself gave must not be denied by it now. */
function listVerified(
  before: AccountContent,
  attributes: AccountContent['attributes'],
  { connection, person }: Pick<ProvisioningInput, 'connection' | 'person'>,
): string[] {
  const proven = new Set(listProven(connection, person.claims));
  const flag = person.claims['email_verified'];
  const denied = flag === false || flag === 'false';
  return attributes
    .filter(({ uri, value, origin }) => {
      if (proven.has(uri)) return true;
      if (uri === ours.email && denied && origin === `connection:${connection.id}`) return false;
      const same = before.attributes.some((attribute) => attribute.uri === uri && attribute.value === value);
      return same && before.verified.includes(uri);
    })
    .map(({ uri }) => uri);
}

/** What carrying the plan out would result in, if nothing stands in its way: for dry runs and previews. */
export function expectResult(plan: Plan): ProvisioningResult {
  switch (plan.kind) {
    case 'create':
      return { result: 'created', userId: null, changes: plan.changes };
    case 'update':
      return { result: 'updated', userId: plan.user.id, changes: plan.changes };
    case 'keep':
      return { result: plan.result, userId: plan.user?.id ?? null, changes: [] };
    case 'refuse':
      return {
        result: 'refused',
        userId: plan.user.id,
        changes: [],
        problem: { code: plan.code, detail: `The account is «${plan.user.username}».` },
      };
  }
}

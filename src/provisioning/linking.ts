import type { Connection, LinkingRule } from '../connections/connection.ts';
import { claimUri, claims as ours } from '../directory/claims.ts';
import type { User, UserStore } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';

/** The account that a linking rule found for somebody, and by what. */
export interface Match {
  user: User;
  rule: LinkingRule;
  /** What both sides have. */
  value: string;
}

export type LinkableUsers = Pick<UserStore, 'findByUsernameKey' | 'findByAttribute' | 'listAssociations'>;

/**
 * The account that the first fitting rule finds. A rule fits when exactly one account has its value; what cannot be one
 * value (a list, nothing at all) fits nobody.
 */
export async function findMatch(
  users: LinkableUsers,
  connection: Pick<Connection, 'id' | 'jit'>,
  claims: Record<string, unknown>,
): Promise<Match | null> {
  for (const rule of connection.jit.linking.rules) {
    const value = Object.hasOwn(claims, rule.federatedAttribute) ? oneValue(claims[rule.federatedAttribute]) : null;
    if (value === null) continue;
    const fitting: User[] = [];
    for (const holder of await listHolders(users, rule, value)) {
      if (await counts(users, holder, rule, connection)) fitting.push(holder);
    }
    const [user, ...others] = fitting;
    if (user && others.length === 0) return { user, rule, value };
  }
  return null;
}

async function listHolders(users: LinkableUsers, { localAttribute }: LinkingRule, value: string): Promise<User[]> {
  const uri = claimUri(localAttribute);
  if (uri !== ours.username) return users.findByAttribute(uri, value, 50);
  const holder = isUsername(value) ? await users.findByUsernameKey(usernameKey(value)) : null;
  return holder ? [holder] : [];
}

/**
 * Does what the account says of itself count? What somebody merely claims of themself must neither take over a person who
 * comes later nor keep them out. Where the account's owner has to prove it, everything counts. An address that an admin
 * entered counts too, so that the admin learns what is missing.
 */
async function counts(
  users: LinkableUsers,
  holder: User,
  { localAttribute }: LinkingRule,
  { id, jit }: Pick<Connection, 'id' | 'jit'>,
): Promise<boolean> {
  const { proof } = jit.linking;
  if (proof === 'CONFIRM_WITH_PASSWORD' || proof === 'CONFIRM_WITH_EMAIL_CODE') return true;
  const uri = claimUri(localAttribute);
  if (uri === ours.username) {
    // People may have chosen it themselves, here or at another provider.
    const links = await users.listAssociations(holder.id);
    return proof === 'TRUST_CONNECTION' && links.every(({ connectionId }) => connectionId === id);
  }
  if (holder.verified.includes(uri)) return true;
  const origin = holder.attributes.find((attribute) => attribute.uri === uri)?.origin;
  return origin === 'admin' || (proof === 'TRUST_CONNECTION' && origin === `connection:${id}`);
}

function oneValue(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

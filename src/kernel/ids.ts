import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Prefix extends string> = `${Prefix}_${string}` & { readonly [brand]: Prefix };

export type ApplicationId = Branded<'app'>;
export type ConnectionId = Branded<'conn'>;
export type UserId = Branded<'user'>;
export type FactorId = Branded<'factor'>;
export type LoginId = Branded<'login'>;
export type SessionId = Branded<'session'>;
export type EventId = Branded<'event'>;
export type RoleId = Branded<'role'>;
export type GroupId = Branded<'group'>;
export type ScriptLibraryId = Branded<'lib'>;
export type PromptTemplateId = Branded<'prompt'>;
export type MailTemplateId = Branded<'mailtemplate'>;
export type SecretId = Branded<'secret'>;
export type MailId = Branded<'mail'>;

type Prefixed = {
  app: ApplicationId;
  conn: ConnectionId;
  user: UserId;
  factor: FactorId;
  login: LoginId;
  session: SessionId;
  event: EventId;
  role: RoleId;
  group: GroupId;
  lib: ScriptLibraryId;
  prompt: PromptTemplateId;
  mailtemplate: MailTemplateId;
  secret: SecretId;
  mail: MailId;
};

/** A new opaque id with a readable prefix and 128 random bits: `user_3q2…` (base64url). */
export function newId<Prefix extends keyof Prefixed>(prefix: Prefix): Prefixed[Prefix] {
  return `${prefix}_${randomBytes(16).toString('base64url')}` as Prefixed[Prefix];
}

/** A secret that only its holder knows: 256 random bits as base64url (43 characters). */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * A reference that a person can read out on the phone: 10 characters of Crockford's base32 in two groups, `7C1FA-20DXK`
 * (50 random bits). It finds one failed sign-in; it grants nothing.
 */
export function newReference(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const letters = Array.from(randomBytes(10), (byte) => alphabet[byte & 31]).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

import type { User, UserStore } from '../directory/user.ts';
import { AppError, type ErrorCode } from '../kernel/errors.ts';
import { writeAccount, writeNewAccount } from './account-content.ts';
import { listProofs } from './account-proofs.ts';
import { type AccountContent, listChanges, noContent } from './changes.ts';
import { findMatch, type Match } from './linking.ts';
import { listProven } from './map-claims.ts';
import { listQuestions } from './profile.ts';
import type { AccountProof, ProvisioningInput, ProvisioningResult, Questions } from './provision.ts';

type Changes = ProvisioningResult['changes'];

/** What is to be done for a person from a connection. */
export type Plan =
  | { kind: 'create'; content: AccountContent; passwordHash: string | null; changes: Changes }
  | { kind: 'update'; user: User; changes: Changes }
  /** Give the person an account that is there; `user` is that account, brought up to date. */
  | { kind: 'link'; user: User; changes: Changes; match: Match; shown: AccountProof[] }
  /** Nothing is written. */
  | { kind: 'keep'; result: 'known' | 'unchanged' | 'disabled' | 'skipped'; user: User | null }
  /** Ask the person first. */
  | { kind: 'ask'; questions: Questions }
  /** The person may not come in (`refused`), or cannot be given an account (`failed`). */
  | { kind: 'refuse'; result: 'refused' | 'failed'; user: User | null; code: ErrorCode; detail: string };

/** The part of the user store that a plan is made from. */
export type Directory = Pick<
  UserStore,
  'findByUsernameKey' | 'findByAttribute' | 'listAssociations' | 'findPasswordHash' | 'listFactors'
>;

/** Decides from directory and input alone, so that a live login, a dry run and a preview come to the same. */
export async function planProvisioning(directory: Directory, input: ProvisioningInput): Promise<Plan> {
  const { connection, known, person, answers } = input;
  const { jit } = connection;
  if (known) return findRefusal(known) ?? planKnown(known, input);
  if (input.skip) return { kind: 'keep', result: 'skipped', user: null };
  if (!jit.enabled) return { kind: 'keep', result: 'disabled', user: null };
  if (answers?.failed) return { kind: 'refuse', result: 'refused', user: null, ...answers.failed };

  const match = jit.linking.enabled ? await findMatch(directory, connection, person.claims) : null;
  if (match && match.user.id !== answers?.declined) return planLink(directory, input, match);
  if (jit.linking.enabled && jit.linking.skipJitOnNoMatch) return { kind: 'keep', result: 'skipped', user: null };
  return planNew(directory, input);
}

function planKnown(known: User, input: ProvisioningInput): Plan {
  const { jit } = input.connection;
  if (input.skip) return { kind: 'keep', result: 'skipped', user: known };
  if (!jit.enabled) return { kind: 'keep', result: 'known', user: known };
  const { user, changes } = bringUpToDate(known, input);
  return changes.length === 0 ? { kind: 'keep', result: 'unchanged', user: known } : { kind: 'update', user, changes };
}

async function planLink(directory: Directory, input: ProvisioningInput, match: Match): Promise<Plan> {
  const { connection, answers } = input;
  const { user } = match;
  const about = `Of «${connection.name}»: ${match.rule.federatedAttribute} is ${match.rule.localAttribute} of «${user.username}».`;
  const refuse = (code: ErrorCode, why: string): Plan => ({
    kind: 'refuse',
    result: 'refused',
    user: null,
    code,
    detail: `${why} ${about}`,
  });
  const links = await directory.listAssociations(user.id);
  // An address that was given to somebody else, say: the provider tells two people apart who look alike here.
  if (links.some(({ connectionId }) => connectionId === connection.id)) {
    return refuse('LINK_REFUSED', 'The account is linked to another person of this connection.');
  }
  const shown = (answers?.shown ?? []).flatMap((one) => (one.userId === user.id ? [one.by] : []));
  const step = await nextProof(directory, input, match, shown);
  if ('ask' in step) return { kind: 'ask', questions: step.ask };
  if (step.lacks !== null) return refuse('LINK_REFUSED', step.lacks);
  // Told only to somebody who has shown that it is theirs.
  return findRefusal(user) ?? { kind: 'link', ...bringUpToDate(user, input), match, shown };
}

/** What is still to be shown before the account is linked: something to ask, or something that is not there. */
async function nextProof(
  directory: Directory,
  { connection, person }: ProvisioningInput,
  { user, rule, value }: Match,
  shown: readonly AccountProof[],
): Promise<{ ask: Questions } | { lacks: string | null }> {
  switch (connection.jit.linking.proof) {
    case 'TRUST_CONNECTION':
      return { lacks: null };
    case 'VERIFIED_ATTRIBUTE': {
      const [uri] = listProven(connection, person.claims);
      if (uri === undefined || rule.federatedAttribute !== 'email') {
        return { lacks: 'The provider does not say that the value is verified, or is not trusted to know.' };
      }
      return { lacks: user.verified.includes(uri) ? null : 'The account’s own value is not verified.' };
    }
    case 'CONFIRM_WITH_PASSWORD':
    case 'CONFIRM_WITH_EMAIL_CODE': {
      const needed = await listProofs(directory, user, connection.jit.linking.proof);
      if ('lacks' in needed) return needed;
      const by = needed.proofs.find((one) => !shown.includes(one));
      return by ? { ask: { kind: 'proof', userId: user.id, by, value } } : { lacks: null };
    }
  }
}

async function planNew(directory: Directory, input: ProvisioningInput): Promise<Plan> {
  const asked = await listQuestions(directory, input);
  if ('taken' in asked) {
    const { username, from } = asked.taken;
    const detail = `The wished user name «${username}» (from ${from}) is another account’s user name or proven mail address.`;
    return { kind: 'refuse', result: 'failed', user: null, code: 'USERNAME_TAKEN', detail };
  }
  if ('questions' in asked) return { kind: 'ask', questions: asked.questions };
  const content = { ...writeNewAccount(input, asked.attributes), username: asked.username };
  return { kind: 'create', content, passwordHash: asked.passwordHash, changes: listChanges(noContent, content) };
}

function bringUpToDate(before: User, input: ProvisioningInput): { user: User; changes: Changes } {
  const { attributeSync } = input.connection.jit;
  if (attributeSync === 'NONE') return { user: before, changes: [] };
  const content = writeAccount(before, input, attributeSync);
  const changes = listChanges(before, content);
  return { user: changes.length === 0 ? before : { ...before, ...content, updatedAt: input.now }, changes };
}

function findRefusal(user: User): (Plan & { kind: 'refuse' }) | null {
  const code = user.disabled ? 'ACCOUNT_DISABLED' : user.locked ? 'ACCOUNT_LOCKED' : null;
  return code && { kind: 'refuse', result: 'refused', user, code, detail: `The account is «${user.username}».` };
}

/**
 * What carrying the plan out would result in, if nothing stands in its way: for dry runs and previews.
 * @throws AppError INTERNAL for a plan that asks first
 */
export function expectResult(plan: Plan): ProvisioningResult {
  switch (plan.kind) {
    case 'create':
      return { result: 'created', userId: null, changes: plan.changes };
    case 'update':
      return { result: 'updated', userId: plan.user.id, changes: plan.changes };
    case 'link':
      return { result: 'linked', userId: plan.user.id, changes: plan.changes };
    case 'keep':
      return { result: plan.result, userId: plan.user?.id ?? null, changes: [] };
    case 'refuse': {
      const { result, user, code, detail } = plan;
      return { result, userId: user?.id ?? null, changes: [], problem: { code, detail } };
    }
    case 'ask':
      throw new AppError('INTERNAL', { detail: 'A plan that asks has no result yet.' });
  }
}

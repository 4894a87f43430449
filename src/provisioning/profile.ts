import type { JitSettings } from '../connections/connection.ts';
import { claimUri, claims as ours } from '../directory/claims.ts';
import type { UserStore } from '../directory/user.ts';
import { cleanUsername, isUsername, usernameKey } from '../directory/usernames.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { isMailAddress } from '../mail/address.ts';
import { chooseUsername, isFree } from './choose-username.ts';
import { hasVerifiedMail, mapClaims } from './map-claims.ts';
import type { ProvisioningInput, Questions } from './provision.ts';
import { shortHash, type WishedUsername, wishUsername } from './wish-username.ts';

/** UTF-16 code units of one attribute that a person enters. */
const longestAttribute = 500;

const schemes: Record<JitSettings['scheme'], { consent: boolean; username: boolean; password: boolean }> = {
  PROVISION_SILENTLY: { consent: false, username: false, password: false },
  PROMPT_CONSENT: { consent: true, username: false, password: false },
  PROMPT_PASSWORD_CONSENT: { consent: true, username: false, password: true },
  PROMPT_USERNAME_PASSWORD_CONSENT: { consent: true, username: true, password: true },
};

type Asked =
  | { questions: Questions & { kind: 'profile' } }
  /** The wished user name is somebody else's, and the connection does not say what to do about it. */
  | { taken: WishedUsername }
  | { username: string; passwordHash: string | null; attributes: Record<string, string> };

/** What is still to be asked before an account is made, or what it is made with. */
export async function listQuestions(
  users: Pick<UserStore, 'findByUsernameKey' | 'findByAttribute'>,
  input: ProvisioningInput,
): Promise<Asked> {
  const { connection, person, answers } = input;
  const { jit } = connection;
  const { consent, username: choosesName, password } = schemes[jit.scheme];
  const wish = wishUsername(connection, person);
  const free = await chooseUsername(users, {
    username: wish.username,
    onConflict: jit.onConflict,
    hash: shortHash(connection.id, person.subject),
  });
  const asksName = choosesName || (free === null && jit.onConflict === 'PROMPT_USERNAME');
  if (free === null && !asksName) return { taken: wish };

  const known = mapClaims(connection, person.claims);
  const attributes = [...new Set(jit.requiredAttributes.map(claimUri))].filter((uri) => !Object.hasOwn(known, uri));
  const given = answers?.profile;
  const entered = Object.fromEntries(
    attributes.flatMap((uri) => (given?.attributes[uri] ? [[uri, given.attributes[uri].trim()]] : [])),
  );
  const problems: (Questions & { kind: 'profile' })['problems'] = [];
  if (given) {
    const code = asksName ? await findNameFault(users, input, given.username) : null;
    if (code) problems.push({ field: 'username', code });
    for (const uri of attributes) {
      const fault = findAttributeFault(uri, entered[uri]);
      if (fault) problems.push({ field: uri, code: fault });
    }
  }
  const asks = consent || asksName || password || attributes.length > 0;
  const lacks = asks && (!given || (password && given.passwordHash === null));
  if (lacks || problems.length > 0) {
    const username = { proposed: free ?? '', asked: asksName };
    return { questions: { kind: 'profile', consent, username, password, attributes, known, problems } };
  }
  return {
    username: asksName ? cleanUsername(given?.username ?? '') : (free ?? ''),
    passwordHash: password ? (given?.passwordHash ?? null) : null,
    attributes: entered,
  };
}

async function findNameFault(
  users: Pick<UserStore, 'findByUsernameKey' | 'findByAttribute'>,
  { connection, person: { claims } }: ProvisioningInput,
  name: string | null,
): Promise<ErrorCode | null> {
  if (name === null || name.trim() === '') return 'USERNAME_MISSING';
  if (!isUsername(name)) return 'USERNAME_INVALID';
  // Nobody calls themself by an address that is not known to be theirs: its owner may come later.
  const own = hasVerifiedMail(connection, claims) ? String(claims['email']) : '';
  if (name.includes('@') && !(isUsername(own) && usernameKey(own) === usernameKey(name))) return 'USERNAME_INVALID';
  return (await isFree(users, cleanUsername(name))) ? null : 'USERNAME_NOT_FREE';
}

function findAttributeFault(uri: string, value: string | undefined): ErrorCode | null {
  if (value === undefined || value === '') return 'ATTRIBUTE_MISSING';
  const fits = value.length <= longestAttribute && value.isWellFormed() && !/\p{Cc}/u.test(value);
  return fits && (uri !== ours.email || isMailAddress(value)) ? null : 'ATTRIBUTE_INVALID';
}

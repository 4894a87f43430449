import type { StepPerson, StepProblem } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { minute, second } from '../kernel/clock.ts';
import type { StartAnswer } from './answers.ts';

type Start = Pick<StartAnswer, 'at' | 'asked'>;

/** How far a provider's clock and ours may be apart, in milliseconds. */
const tolerance = minute;

/**
 * Since when the person must have signed in, wherever that was: since this login began (prompt=login), or not longer before
 * it than `max_age` (OpenID Connect Core 1.0, section 3.1.2.1). Null when the application does not mind.
 */
function demandedSince({ at, asked }: Start): number | null {
  if (asked.prompt.includes('login')) return at;
  return asked.maxAge === null ? null : at - asked.maxAge * second;
}

/**
 * When the person signed in: at our step, or before it at the provider, if that says so under its signature. Whoever meets
 * the application's wish within the tolerance is not told to have missed it.
 */
export function signedInAt(start: Start, at: number, person: StepPerson): number {
  const told = readAuthTime(person);
  if (told === null) return at;
  const since = demandedSince(start);
  return Math.min(at, since !== null && told >= since - tolerance ? Math.max(told, since) : told);
}

/** Why nobody need be sent to this provider, or null: with OAuth 2.0 it cannot say when the person signed in there. */
export function findUnableProvider(start: Start, connection: Connection): StepProblem | null {
  if (connection.type !== 'oauth2' || demandedSince(start) === null) return null;
  return notFresh(`Connection «${connection.name}» is of OAuth 2.0, which cannot tell when the person signed in.`);
}

/**
 * Why the sign-in at the provider is not as new as the application demands, or null. An OpenID provider that says nothing
 * of the time was asked with prompt=login, which it must obey.
 */
export function findStaleSignIn(start: Start, connection: Connection, person: StepPerson): StepProblem | null {
  const since = demandedSince(start);
  if (since === null) return null;
  const told = readAuthTime(person);
  if (told === null) {
    return connection.type === 'oidc'
      ? null
      : notFresh(`«${connection.name}» does not tell when the person signed in.`);
  }
  if (told >= since - tolerance) return null;
  const [was, wanted] = [told, since].map((time) => new Date(time).toISOString());
  return notFresh(`At «${connection.name}» the person signed in at ${was}; the application wants ${wanted} or later.`);
}

/** May what a session remembers count under `max_age`? Of an older sign-in at a provider the time must be known. */
export function isRememberedFresh(start: Start, at: number, person: StepPerson): boolean {
  const since = demandedSince(start);
  if (since === null) return true;
  return signedInAt(start, at, person) >= since && (!('federated' in person) || readAuthTime(person) !== null);
}

/** Among the claims it stands only where the provider has signed it. */
function readAuthTime(person: StepPerson): number | null {
  const told = 'federated' in person ? person.federated.claims['auth_time'] : null;
  return typeof told === 'number' && Number.isSafeInteger(Math.floor(told)) ? told * second : null;
}

function notFresh(detail: string): StepProblem {
  return { code: 'IDP_SIGN_IN_NOT_FRESH', detail };
}

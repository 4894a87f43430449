import { findByIdentifier, identifierKey } from '../../directory/find-by-identifier.ts';
import type { Attempt, Throttling } from '../../directory/throttling.ts';
import type { Stores } from '../../stores.ts';
import { type Authenticator, defineAuthenticator, type Move, type StepContext } from '../authenticator.ts';
import { show } from '../show.ts';
import { tryLater } from '../wait.ts';
import { identifierFirstDefinition } from './definition.ts';
import { type Qualifiers, readIdentifier } from './read-identifier.ts';

/**
 * Asks who the person is, and nothing else: a later step has to prove it. A name that nobody has passes like any other, so
 * that the page tells nobody which names there are; only where an admin sets `ValidateUsername` is it a wrong answer. Where
 * the person is known already, nobody is asked.
 */
export function createIdentifierFirst(deps: { throttling: Throttling } & Qualifiers): Authenticator {
  const { throttling } = deps;
  return defineAuthenticator({
    ...identifierFirstDefinition,

    async begin({ subject }) {
      return async () => (subject ? { kind: 'success', person: subject.person, amr: [] } : show());
    },

    async answer(context, _state, form) {
      const { subject } = context;
      if (subject) return async () => ({ kind: 'success', person: subject.person, amr: [] });
      const identifier = readIdentifier(form['username'], context, deps);
      if (identifier === null) return async () => show({ code: 'USERNAME_MISSING', field: 'username' });
      return (stores) => identify(context, stores, identifier);
    },

    view: () => ({ view: 'identifier', model: {} }),
  });

  async function identify(
    { parameters, login, now }: StepContext,
    { users, throttle }: Pick<Stores, 'users' | 'throttle'>,
    identifier: string,
  ): Promise<Move> {
    const validates = parameters['ValidateUsername'] === 'true';
    const attempt: Attempt = { kind: 'identifier', subject: identifierKey(identifier), ip: login.request.ip };
    const wait = validates ? await throttling.findWait(throttle, attempt, now) : 0;
    if (wait > 0) return show({ ...tryLater(wait), field: 'username' });
    const user = await findByIdentifier(users, identifier);
    if (user || !validates) {
      return { kind: 'success', person: { claimed: { identifier, userId: user?.id ?? null } }, amr: [] };
    }
    await throttling.count(throttle, attempt, now);
    return { kind: 'wrong', state: {}, problem: { code: 'USERNAME_UNKNOWN', field: 'username' } };
  }
}

import { findClosest } from './closest-name.ts';
import { createFinding, type Finding, type Span } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { findAuthenticator, findConnection } from './offered.ts';

type Place = { span: Span } | { path: string };

/** Does the server have an authenticator of this name, or at least know of one? */
export function checkAuthenticatorName(name: string, knowledge: Knowledge, place: Place): Finding[] {
  const found = findAuthenticator(name, knowledge);
  if (found && knowledge.authenticators.includes(found)) return [];
  if (found) {
    return [
      createFinding(
        'AUTHENTICATOR_NOT_AVAILABLE',
        `«${found.label}» is not available in this version: such a step fails.`,
        {
          ...place,
          mend: `Choose from ${listNames(knowledge)}, or handle the failure in onFail.`,
        },
      ),
    ];
  }
  const known = [...knowledge.authenticators, ...knowledge.unavailableAuthenticators];
  const meant = findClosest(
    name,
    known.flatMap((each) => [each.name, ...each.aliases]),
  );
  return [
    createFinding('UNKNOWN_AUTHENTICATOR', `There is no authenticator «${name}».`, {
      ...place,
      mend: meant === null ? `Choose from ${listNames(knowledge)}.` : `Did you mean «${meant}»?`,
    }),
  ];
}

/** Is there a connection of this name, and does it let people in? */
export function checkConnectionName(name: string, knowledge: Knowledge, place: Place): Finding[] {
  if (knowledge.connections === null) return [];
  const found = findConnection(name, knowledge);
  if (found?.enabled) return [];
  if (found) {
    return [
      createFinding('CONNECTION_DISABLED', `Connection «${found.name}» is disabled: nobody can sign in with it.`, {
        ...place,
        mend: 'Enable the connection, or take it out of the step.',
      }),
    ];
  }
  const meant = findClosest(
    name,
    knowledge.connections.map((each) => each.name),
  );
  return [
    createFinding('UNKNOWN_CONNECTION', `There is no connection «${name}».`, {
      ...place,
      mend: meant === null ? 'Make the connection first.' : `Did you mean «${meant}»?`,
    }),
  ];
}

function listNames({ authenticators }: Knowledge): string {
  return authenticators.map(({ name }) => name).join(', ');
}

import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { findDomainFault } from '../provisioning/allowed-domains.ts';
import { listProven, traceClaims } from '../provisioning/map-claims.ts';
import { mapGroups, readRemoteGroups } from '../provisioning/map-groups.ts';
import { nameQuestions } from '../provisioning/name-questions.ts';
import { expectResult, type Plan, planProvisioning } from '../provisioning/plan.ts';
import { readTrustedAmr } from '../provisioning/trusted-amr.ts';
import { wishUsername } from '../provisioning/wish-username.ts';
import type { Stores } from '../stores.ts';
import type { Preview } from './connection-test.ts';

/** What a sign-in would do for this person, by the plan of a live one. Reads only. */
export async function previewProvisioning(
  { users }: Pick<Stores, 'users'>,
  { connection, person, now }: { connection: Connection; person: FederatedPerson; now: number },
): Promise<Preview> {
  const { claims } = person;
  const { username, from } = wishUsername(connection, person);
  const mapping = {
    username: { value: username, from },
    attributes: traceClaims(connection, claims),
    verified: listProven(connection, claims),
    remoteGroups: readRemoteGroups(connection, claims),
    ...mapGroups(connection, claims),
    amr: readTrustedAmr(connection, claims),
  };
  const detail = findDomainFault(connection, claims);
  if (detail !== null) {
    const problem = { code: 'DOMAIN_NOT_ALLOWED', detail };
    return { ...mapping, result: 'refused', userId: null, asks: [], changes: [], problem };
  }
  const association = await users.findAssociation(connection.id, person.subject);
  const known = association && (await users.findById(association.userId));
  return { ...mapping, ...expect(await planProvisioning(users, { connection, person, known, now })) };
}

function expect(plan: Plan): Pick<Preview, 'result' | 'userId' | 'asks' | 'changes' | 'problem'> {
  if (plan.kind === 'ask') {
    return { result: 'asks', userId: null, asks: nameQuestions(plan.questions), changes: [], problem: null };
  }
  const { problem = null, ...expected } = expectResult(plan);
  return { ...expected, asks: [], problem };
}

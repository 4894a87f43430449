import { domainToASCII } from 'node:url';
import { connectionKey } from '../connections/connection.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { Stores } from '../stores.ts';
import type { StepOption } from './options.ts';

type Needs = {
  connections: Pick<Stores['connections'], 'findByDomain' | 'findById'>;
  users: Pick<Stores['users'], 'findPasswordHash' | 'listAssociations'>;
};

/**
 * Home-realm discovery: which of a step's options somebody is led to who has said who they are, or null. The domain of a
 * mail address tells first, and the same for every name in it, known or not. Only where a connection wants it does the
 * account itself tell, if it has no other way in.
 */
export async function findHomeRealm(
  { connections, users }: Needs,
  { identifier, userId }: { identifier: string; userId: Parameters<Needs['users']['findPasswordHash']>[0] | null },
  options: readonly StepOption[],
): Promise<number | null> {
  const at = identifier.lastIndexOf('@');
  const domain = at > 0 ? domainToASCII(identifier.slice(at + 1).trim()) : '';
  const byDomain = domain === '' ? null : await connections.findByDomain(domain.toLowerCase());
  if (byDomain) return byDomain.enabled ? indexOf(options, byDomain.name) : null;
  if (userId === null) return null;

  const [association, ...others] = await users.listAssociations(userId);
  if (!association || others.length > 0) return null;
  const linked = await connections.findById(association.connectionId);
  if (!linked?.enabled || !linked.leadsLinkedPeople || (await users.findPasswordHash(userId)) !== null) return null;
  return indexOf(options, linked.name);
}

function indexOf(options: readonly StepOption[], name: string): number | null {
  const index = options.findIndex(({ idp }) => idp !== localIdp && connectionKey(idp) === connectionKey(name));
  return index < 0 ? null : index;
}

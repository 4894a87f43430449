import type { Connection, SamlConnection } from '../../src/connections/connection.ts';
import { hour } from '../../src/kernel/clock.ts';
import type { CryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';
import { type OwedSignOut, sealUpstream } from '../../src/sessions/upstream.ts';
import type { StepgateDatabase } from '../../src/storage/open.ts';
import type { SamlProvider } from '../federation/saml-provider.ts';
import { connectSaml } from '../stories/connections.ts';

/** Where sign-outs are owed. */
export interface Place {
  box: CryptoBox;
  database: StepgateDatabase;
}

/** A connection to a provider that is told of sign-outs by SOAP. */
export async function connectBySoap({ box, database }: Place, provider: SamlProvider): Promise<SamlConnection> {
  const connection = await connectSaml({ box, app: { database } }, provider, provider.url);
  const told: SamlConnection = { ...connection, singleLogout: true, sloSoapUrl: `${provider.url}/soap` };
  await database.unit(({ connections }) => connections.update(told));
  return told;
}

/** The provider is owed the sign-out of a person that it calls so. */
export async function owe(
  { box, database }: Place,
  { id: connectionId }: Pick<Connection, 'id'>,
  name: string,
  nextAttemptAt: number,
): Promise<OwedSignOut> {
  const place = { loginId: newId('login'), seq: 1 };
  const contentSealed = sealUpstream(box, place, { signOut: { value: name }, token: null });
  const owed = { ...place, connectionId, contentSealed, attempts: 0, nextAttemptAt, expiresAt: nextAttemptAt + hour };
  await database.unit(({ upstreamSessions }) => upstreamSessions.owe(owed));
  return owed;
}

/** The names of whom it was told, in that order. */
export function namesTold(provider: SamlProvider): string[] {
  return provider.toldBySoap().map((xml) => />([^<]+)<\/saml:NameID>/.exec(xml)?.[1] ?? xml);
}

export function listOwed({ database }: Pick<Place, 'database'>): Promise<OwedSignOut[]> {
  return database.read.upstreamSessions.listOwed({ now: Number.MAX_SAFE_INTEGER, limit: 100, except: [] });
}

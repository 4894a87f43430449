import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Application } from '../../src/applications/application.ts';
import { sealClientSecret } from '../../src/connections/client-secret.ts';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { type CryptoBox, createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';
import { loadKeys } from '../../src/kernel/key-file.ts';
import type { PublishedFlow } from '../../src/login/flow.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import type { Stores } from '../../src/stores.ts';
import { aUser } from '../provisioning/people.ts';

/** The data of a server that is not running, to be read or written by a test. */
export interface ServerData {
  database: StepgateDatabase;
  box: CryptoBox;
}

/** Opens a server's directory, as the server does; makes it the first time. Close the database before the server starts. */
export async function openServerData(directory: string): Promise<ServerData> {
  const known = existsSync(join(directory, 'stepgate.db'));
  const database = await openDatabase({ directory });
  return { database, box: createCryptoBox(loadKeys({ file: join(directory, 'keys.json'), create: !known })) };
}

/** A confidential application that asks nobody for consent; its secret is given in the clear. */
export function makeApplication({
  clientSecret,
  ...more
}: Pick<Application, 'name' | 'clientId' | 'redirectUris'> &
  Partial<Application> & { clientSecret: string }): Application {
  const now = Date.now();
  return {
    id: newId('app'),
    clientType: 'confidential',
    clientSecretHash: hash('sha256', clientSecret, 'base64url'),
    postLogoutRedirectUris: [],
    backchannelLogoutUri: null,
    backchannelLogoutSessionRequired: true,
    consent: 'skip',
    disabled: false,
    signInRules: [],
    draft: null,
    liveVersion: null,
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...more,
  };
}

/** A connection to a provider that is believed about mail addresses; its secret is given in the clear. */
export function makeConnection(
  box: Pick<CryptoBox, 'seal'>,
  {
    clientSecret,
    jit = {},
    ...more
  }: Pick<OidcConnection, 'name' | 'issuer' | 'clientId'> &
    Partial<Omit<OidcConnection, 'jit'>> & { clientSecret: string; jit?: Partial<OidcConnection['jit']> },
): OidcConnection {
  const now = Date.now();
  const id = newId('conn');
  return {
    ...getConnectionDefaults('google'),
    id,
    type: 'oidc',
    preset: 'google',
    clientSecretSealed: sealClientSecret(box, id, clientSecret),
    previousSecretSealed: null,
    scopes: ['openid', 'profile', 'email', 'groups'],
    jit: { ...defaultJit, ...jit },
    keys: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...more,
  };
}

/** An account; a mail address given as `email` is a verified one. */
export function makeUser(username: string, { email, ...more }: Partial<User> & { email?: string } = {}): User {
  const now = Date.now();
  const known: Partial<User> = email
    ? { attributes: [{ uri: claims.email, value: email, origin: 'admin' }], verified: [claims.email] }
    : {};
  return aUser({ username, ...known, createdAt: now, updatedAt: now, ...more });
}

/** Makes the flow the application's next live version. */
export async function publishFlow(
  { applications }: Pick<Stores, 'applications'>,
  applicationId: Application['id'],
  flow: PublishedFlow,
): Promise<void> {
  const current = await applications.findById(applicationId);
  if (!current) throw new Error(`no application ${applicationId}`);
  const [newest] = await applications.listVersions(applicationId);
  const version = (newest?.version ?? 0) + 1;
  await applications.insertVersion({
    applicationId,
    version,
    flow,
    note: null,
    createdAt: Date.now(),
    createdBy: 'test',
    withdrawnAt: null,
  });
  await applications.update({ ...current, liveVersion: version });
}

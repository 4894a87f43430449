import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import { createMailCatcher } from '../../src/cli/demo/mail-catcher.ts';
import type { DemoPerson } from '../../src/cli/demo/people.ts';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import { makeApplication, makeConnection, makeUser, openServerData, publishFlow } from '../stories/seed.ts';
import { applicationSecret, createPatientApplication } from './application.ts';
import { noEvidence } from './evidence.ts';
import { createKillableServer, type KillableServer } from './killable-server.ts';
import { countingScript } from './script.ts';
import type { Scene } from './sign-in.ts';

export const password = 'correct horse battery';
const clientSecret = 'a secret between the two of them';

/** Everything around a server that is to be killed; the server itself has not been started. */
export interface CrashWorld extends Scene {
  server: KillableServer;
  directory: string;
  google: Connection;
  partner: Connection;
  /** User names of local people without a mail address, and of people with one (`<name>@example.com`). */
  appUsers: string[];
  mailUsers: string[];
  /** Makes somebody known to the identity provider. */
  addPerson(sub: string): DemoPerson;
  close(): Promise<void>;
}

export async function createCrashWorld({
  localPeople,
  script = countingScript,
  env = {},
}: {
  localPeople: number;
  script?: string;
  env?: Record<string, string>;
}): Promise<CrashWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-crash-'));
  const port = await findFreePort({ host: 'localhost' });
  const url = `http://localhost:${port}`;
  const mails = await createMailCatcher();
  const people: DemoPerson[] = [];
  const identityProvider = await createDemoIdentityProvider({
    host: '127.0.0.1',
    client: { id: 'stepgate', secret: clientSecret, redirectUris: [`${url}/login/callback`] },
    people,
  });
  const server = createKillableServer(
    {
      HOST: 'localhost',
      PORT: String(port),
      PUBLIC_URL: url,
      STEPGATE_DATA: directory,
      SMTP_URL: mails.smtpUrl,
      MAIL_FROM: 'Stepgate <stepgate@example.com>',
      STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
      STEPGATE_TRUSTED_PROXIES: '127.0.0.1,::1',
      ...env,
    },
    join(directory, 'server.log'),
  );
  const application = await createPatientApplication(`${url}/oidc`, server.untilReady);

  const { database, box } = await openServerData(directory);
  const provider = { issuer: identityProvider.url, clientId: 'stepgate', clientSecret };
  const google = makeConnection(box, { name: 'Google', ...provider });
  const partner = makeConnection(box, { name: 'Partner', preset: 'oidc', jit: { enabled: false }, ...provider });
  const registered = makeApplication({
    name: 'Payroll',
    clientId: 'payroll',
    clientSecret: applicationSecret,
    redirectUris: [application.callbackUrl],
  });
  const numbers = Array.from({ length: localPeople }, (_, i) => i);
  const appUsers = numbers.map((i) => `app-${i}`);
  const mailUsers = numbers.map((i) => `mail-${i}`);
  const hash = await createPasswords().hash(password);
  await database.unit(async (stores) => {
    await stores.connections.insert(google);
    await stores.connections.insert(partner);
    await stores.applications.insert(registered);
    await publishFlow(stores, registered.id, {
      steps: [
        { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }, { idp: 'Partner' }] },
        { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
      ],
      script,
      scriptEnabled: true,
    });
    for (const name of [...appUsers, ...mailUsers]) {
      const user = makeUser(name, name.startsWith('mail') ? { email: `${name}@example.com` } : {});
      await stores.users.insert(user);
      await stores.users.setPasswordHash(user.id, hash);
    }
  });
  await database.close();

  let addresses = 0;
  return {
    application,
    mails,
    identityProviderUrl: identityProvider.url,
    evidence: noEvidence(),
    untilReady: server.untilReady,
    nextAddress: () => {
      addresses += 1;
      return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
    },
    server,
    directory,
    google,
    partner,
    appUsers,
    mailUsers,
    addPerson(sub) {
      const person: DemoPerson = {
        sub,
        email: `${sub}@example.com`,
        email_verified: true,
        given_name: 'Person',
        family_name: sub,
        name: `Person ${sub}`,
        groups: [],
      };
      people.push(person);
      // Its page lists everybody; those who are done need not stand on it.
      if (people.length > 60) people.splice(20, 1);
      return person;
    },
    async close() {
      await server.kill();
      await Promise.all([identityProvider.close(), application.close(), mails.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

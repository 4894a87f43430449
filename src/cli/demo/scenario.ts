import { readFile } from 'node:fs/promises';
import type { AdminApi, Resource } from '../admin-api.ts';

const emailUri = 'http://wso2.org/claims/emailaddress';
const givenNameUri = 'http://wso2.org/claims/givenname';
const familyNameUri = 'http://wso2.org/claims/lastname';

export interface LocalPerson {
  username: string;
  email: string;
  givenName: string;
  familyName: string;
}

/** The demo's local people; both have a verified address, so both can take a mailed code. */
export const ann: LocalPerson = { username: 'ann', email: 'ann@example.com', givenName: 'Ann', familyName: 'Archer' };
export const ben: LocalPerson = { username: 'ben', email: 'ben@example.com', givenName: 'Ben', familyName: 'Baker' };

export interface ScenarioParts {
  api: AdminApi;
  identityProvider: { issuer: string; clientId: string; clientSecret: string };
  application: {
    callbackUrl: string;
    signedOutUrl: string;
    /** From an earlier start; null when it is not known any more. */
    clientSecret: string | null;
  };
  /** Of both local people, when their accounts are made. */
  password: string;
}

export interface SeededScenario {
  applicationId: string;
  clientId: string;
  clientSecret: string;
  connectionId: string;
  /** The application's published flow. */
  flow: SignInFlow;
}

export interface SignInFlow {
  steps: { options: ({ authenticator: string } | { idp: string })[] }[];
  script: string;
  scriptEnabled: boolean;
}

/** The name of the connection and of the application, in flows, scripts and on pages. */
export const connectionName = 'Google';
export const applicationName = 'Payroll';

/** Step 1: password or Google. Step 2: an authenticator app or a mailed code, for local people alone. */
async function readScenarioFlow(): Promise<SignInFlow> {
  const script = new URL('../../../scripts/mfa-for-local-users/script.js', import.meta.url);
  return {
    steps: [
      { options: [{ authenticator: 'BasicAuthenticator' }, { idp: connectionName }] },
      { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
    ],
    script: await readFile(script, 'utf8'),
    scriptEnabled: true,
  };
}

/**
 * Makes the connection, the local people and the application, all through the admin API. What is there already, by its name,
 * stays as it is (it may have been changed on purpose), but for the addresses, which follow this start's ports.
 */
export async function seedScenario(parts: ScenarioParts): Promise<SeededScenario> {
  const connection = await seedConnection(parts);
  for (const person of [ann, ben]) await seedPerson(parts, person);
  const flow = await readScenarioFlow();
  const application = await seedApplication(parts, flow);
  return { ...application, connectionId: connection.id, flow };
}

async function seedConnection({ api, identityProvider }: ScenarioParts): Promise<Resource> {
  const there = await findByName(api, '/connections', connectionName);
  if (there !== null) return api.patch(`/connections/${there.id}`, identityProvider);
  return api.post('/connections', {
    name: connectionName,
    type: 'oidc',
    preset: 'google',
    ...identityProvider,
    scopes: ['openid', 'profile', 'email', 'groups'],
    jit: { enabled: true },
  });
}

async function seedPerson({ api, password }: ScenarioParts, person: LocalPerson): Promise<void> {
  const { username, email, givenName, familyName } = person;
  const there = await api.list(`/users?username=${encodeURIComponent(username)}`);
  if (there.length > 0) return;
  const claims = { [emailUri]: email, [givenNameUri]: givenName, [familyNameUri]: familyName };
  const user = await api.post('/users', { username, password, claims });
  await api.patch(`/users/${user.id}`, { verified: [emailUri] });
}

async function seedApplication({ api, application }: ScenarioParts, signInFlow: SignInFlow) {
  const addresses = {
    redirectUris: [application.callbackUrl],
    postLogoutRedirectUris: [application.signedOutUrl],
  };
  const there = await findByName(api, '/applications', applicationName);
  if (there !== null && application.clientSecret !== null) {
    await api.patch(`/applications/${there.id}`, addresses);
    return { applicationId: there.id, clientId: String(there['clientId']), clientSecret: application.clientSecret };
  }
  // Its secret is told once only. Without it the application cannot be used any more, so it is made anew.
  if (there !== null) await api.delete(`/applications/${there.id}`);
  const made = await api.post('/applications', {
    name: applicationName,
    ...addresses,
    clientType: 'confidential',
    consent: 'skip',
    signInFlow,
  });
  return { applicationId: made.id, clientId: String(made['clientId']), clientSecret: String(made['clientSecret']) };
}

async function findByName(api: AdminApi, path: string, name: string): Promise<Resource | null> {
  return (await api.list(path)).find((item) => item['name'] === name) ?? null;
}

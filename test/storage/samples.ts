import type { Application, FlowVersion } from '../../src/applications/application.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import type { Factor, User } from '../../src/directory/user.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Flow } from '../../src/login/flow.ts';
import type { Login, StoredEntry } from '../../src/login/login.ts';
import type { OutboxMail } from '../../src/mail/outbox.ts';
import type { Artifact } from '../../src/oidc/artifact.ts';
import type { SsoSession } from '../../src/sessions/session.ts';

/** 15 September 2026; every sample is of this moment. */
export const now = 1_789_430_400_000;

let count = 0;

/** A number that no other sample of this process has. */
const fresh = () => ++count;

export const flow: Flow = {
  steps: [{ options: [{ authenticator: 'password' }, { idp: 'Google' }] }, { options: [{ authenticator: 'totp' }] }],
  script: 'var onLoginRequest = function (context) {\n  executeStep(1);\n};\n// “quotes”, \u0000 and 🔑',
  scriptEnabled: true,
};

export function anApplication(changes: Partial<Application> = {}): Application {
  const n = fresh();
  return {
    id: newId('app'),
    name: `Payroll ${n}`,
    clientId: `client-${n}`,
    clientType: 'confidential',
    clientSecretHash: 'hash',
    redirectUris: ['https://payroll.example/callback', 'http://127.0.0.1/callback'],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: null,
    backchannelLogoutSessionRequired: true,
    consent: 'ask',
    disabled: false,
    signInRules: [],
    draft: flow,
    liveVersion: null,
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...changes,
  };
}

export function aVersion(application: Application, version: number, changes: Partial<FlowVersion> = {}): FlowVersion {
  return {
    applicationId: application.id,
    version,
    flow,
    note: null,
    createdAt: now + version,
    createdBy: 'admin',
    withdrawnAt: null,
    ...changes,
  };
}

export function aConnection(changes: Partial<OidcConnection> = {}): OidcConnection {
  return {
    ...getConnectionDefaults('google'),
    id: newId('conn'),
    name: `Google ${fresh()}`,
    type: 'oidc',
    preset: 'google',
    enabled: true,
    issuer: 'https://accounts.example',
    clientId: 'client',
    clientSecretSealed: 'sealed',
    previousSecretSealed: 'sealed before',
    scopes: ['openid', 'email'],
    trustsVerifiedEmail: false,
    jit: { ...defaultJit, attributeSync: 'PRESERVE_LOCAL', onConflict: 'SUFFIX_USERNAME' },
    claimMapping: { email: 'http://wso2.org/claims/emailaddress' },
    roleMapping: { staff: 'employee' },
    trustedAmr: ['mfa'],
    queryParameters: { domain_hint: '$authparam{domain}' },
    keys: [{ id: 'k', certificate: 'PEM', privateKeySealed: 'sealed', state: 'active', createdAt: now }],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...changes,
  };
}

export const mailUri = 'http://wso2.org/claims/emailaddress';

export function aUser(changes: Partial<User> = {}): User {
  const id = newId('user');
  const n = fresh();
  return {
    id,
    subject: id,
    username: `Ann${n}`,
    usernameKey: `ann${n}`,
    userStore: 'PRIMARY',
    locked: false,
    disabled: false,
    attributes: [{ uri: mailUri, value: `ann${n}@example.com`, origin: 'admin' }],
    verified: [mailUri],
    roles: [{ name: 'employee', origin: 'admin' }],
    applicationRoles: [],
    groups: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
    ...changes,
  };
}

export function aFactor(user: User, changes: Partial<Factor> = {}): Factor {
  return {
    id: newId('factor'),
    userId: user.id,
    type: 'totp',
    secretSealed: 'sealed',
    lastTimeStep: null,
    createdAt: now,
    ...changes,
  };
}

export function aLogin(changes: Partial<Login> = {}): Login {
  return {
    id: newId('login'),
    interactionUid: `interaction-${fresh()}`,
    applicationId: newId('app'),
    version: 1,
    browserHash: 'hash',
    status: 'running',
    cursor: 0,
    waitingSealed: null,
    resultSealed: null,
    userId: null,
    reference: null,
    failureCode: null,
    createdAt: now,
    expiresAt: now + 3_600_000,
    endedAt: null,
    revision: 1,
    ...changes,
  };
}

export function anEntry(seq: number, changes: Partial<StoredEntry> = {}): StoredEntry {
  return {
    seq,
    op: 'step',
    contentSealed: `sealed ${seq}`,
    note: false,
    at: now + seq,
    line: 12,
    column: 3,
    library: null,
    cpuUs: null,
    ...changes,
  };
}

export function anArtifact(changes: Partial<Artifact> = {}): Artifact {
  return {
    model: 'AuthorizationCode',
    id: `artifact-${fresh()}`,
    payload: '{"kind":"AuthorizationCode"}',
    grantId: null,
    userCode: null,
    uid: null,
    accountId: null,
    expiresAt: now + 60_000,
    consumedAt: null,
    ...changes,
  };
}

export function aSession(changes: Partial<SsoSession> = {}): SsoSession {
  const n = fresh();
  return {
    id: newId('session'),
    browserUid: `browser-${n}`,
    subject: `subject-${n}`,
    userId: null,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    loginTime: now + n,
    lastAccessTime: now + n,
    expiresAt: now + 1_209_600_000,
    applications: [newId('app')],
    stepsSealed: 'sealed',
    revision: 1,
    ...changes,
  };
}

export function anEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: newId('event'),
    at: now,
    type: 'user.created',
    actor: 'system',
    target: null,
    loginId: null,
    reference: null,
    code: null,
    details: { before: null, after: { username: 'Ann', locked: false } },
    ...changes,
  };
}

export function aMail(changes: Partial<OutboxMail> = {}): OutboxMail {
  return {
    id: newId('mail'),
    contentSealed: 'sealed',
    createdAt: now,
    expiresAt: now + 300_000,
    attempts: 0,
    nextAttemptAt: now,
    ...changes,
  };
}

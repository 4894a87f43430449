import { afterAll, beforeAll, expect, test } from 'vitest';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const ids: Record<string, string> = {};
const email = 'http://wso2.org/claims/emailaddress';

interface Chapter {
  name: string;
  send: () => [method: string, path: string, body?: unknown];
  status: number;
  /** A part of the answer. */
  gives?: () => unknown;
  /** Audit events that it wrote: these and no others. */
  happened?: string[];
  /** Keeps the answer's id under this name. */
  keep?: string;
}

const scriptFlow = {
  steps: [{ options: [{ authenticator: 'basic' }, { idp: 'Google' }] }, { options: [{ authenticator: 'totp' }] }],
  script:
    "var onLoginRequest = function (context) {\n  executeStep(1, { onSuccess: function (context) {\n    if (context.steps[1].idp == 'LOCAL') { executeStep(2); }\n  } });\n};\n",
};

/** With nothing but the documented API an application, a connection and a person are made, changed, and gone. */
const story: Chapter[] = [
  {
    name: 'a connection is made, with what its admin did not say filled in',
    send: () => ['POST', '/connections', aConnection],
    status: 201,
    keep: 'connection',
    gives: () => ({
      name: 'Google',
      preset: 'oidc',
      enabled: true,
      hasClientSecret: true,
      callbackUrl: 'http://127.0.0.1:9400/login/callback',
      scopes: ['openid', 'profile', 'email'],
      jit: { enabled: true, scheme: 'PROVISION_SILENTLY', attributeSync: 'OVERRIDE_ALL' },
      revision: 1,
    }),
    happened: ['connection.created'],
  },
  {
    name: 'a person is made',
    send: () => [
      'POST',
      '/users',
      {
        username: 'Ann',
        password: 'correct horse',
        claims: { [email]: 'ann@example.com', givenname: 'Ann' },
        roles: ['admin'],
        groups: ['staff'],
      },
    ],
    status: 201,
    keep: 'user',
    gives: () => ({
      username: 'Ann',
      hasPassword: true,
      claims: { [email]: 'ann@example.com', 'http://wso2.org/claims/givenname': 'Ann' },
      attributes: [
        { uri: email, value: 'ann@example.com', origin: 'admin' },
        { uri: 'http://wso2.org/claims/givenname', value: 'Ann', origin: 'admin' },
      ],
      verified: [],
      roles: ['admin'],
      groups: ['staff'],
      factors: [],
      associations: [],
      locked: false,
    }),
    happened: ['user.created'],
  },
  {
    name: 'an application is made, with a flow that is live at once',
    send: () => ['POST', '/applications', { ...anApplication, signInFlow: scriptFlow }],
    status: 201,
    keep: 'application',
    gives: () => ({
      clientId: expect.stringMatching(/^[\w-]{22}$/),
      clientSecret: expect.stringMatching(/^[\w-]{43}$/),
      consent: 'ask',
      liveVersion: 1,
      hasDraft: false,
      findings: [],
    }),
    happened: ['application.created', 'flow.published'],
  },
  {
    name: 'its secret is not told again',
    send: () => ['GET', `/applications/${ids['application']}`],
    status: 200,
    gives: () => expect.not.objectContaining({ clientSecret: expect.anything() }),
  },
  {
    name: 'the lists have them',
    send: () => ['GET', '/applications'],
    status: 200,
    gives: () => ({ items: [{ id: ids['application'], name: 'Payroll' }] }),
  },
  {
    name: 'connections too',
    send: () => ['GET', '/connections'],
    status: 200,
    gives: () => ({ items: [{ id: ids['connection'] }] }),
  },
  {
    name: 'people are found by user name, whatever its letters’ case',
    send: () => ['GET', '/users?username=ANN'],
    status: 200,
    gives: () => ({ items: [{ id: ids['user'], username: 'Ann' }] }),
  },
  { name: 'nobody else is', send: () => ['GET', '/users?username=ben'], status: 200, gives: () => ({ items: [] }) },
  {
    name: 'the person’s address is proven, another attribute written, one removed; the rest stays',
    send: () => [
      'PATCH',
      `/users/${ids['user']}`,
      { claims: { givenname: null, lastname: 'Archer' }, verified: ['emailaddress'] },
    ],
    status: 200,
    gives: () => ({
      claims: { [email]: 'ann@example.com', 'http://wso2.org/claims/lastname': 'Archer' },
      verified: [email],
      roles: ['admin'],
      revision: 2,
    }),
    happened: ['user.updated'],
  },
  {
    name: 'the same again changes nothing',
    send: () => ['PATCH', `/users/${ids['user']}`, { claims: { lastname: 'Archer' }, verified: ['emailaddress'] }],
    status: 200,
    gives: () => ({ revision: 2 }),
  },
  {
    name: 'a draft is saved, with a warning',
    send: () => [
      'PUT',
      `/applications/${ids['application']}/sign-in-flow`,
      { ...scriptFlow, script: 'function onLoginRequest(context) { executeStep(1); }' },
    ],
    status: 200,
    gives: () => ({ draft: { scriptEnabled: true }, findings: [{ code: 'UNREACHABLE_STEP', severity: 'warning' }] }),
    happened: ['flow.draft-saved'],
  },
  {
    name: 'the live flow stays as it is',
    send: () => ['GET', `/applications/${ids['application']}/sign-in-flow`],
    status: 200,
    gives: () => ({
      draft: {},
      live: { version: 1, script: scriptFlow.script },
      findings: [{ code: 'UNREACHABLE_STEP' }],
    }),
  },
  {
    name: 'the draft is published',
    send: () => ['POST', `/applications/${ids['application']}/sign-in-flow/publish`, { note: 'no MFA' }],
    status: 200,
    gives: () => ({ version: 2, findings: [{ code: 'UNREACHABLE_STEP' }] }),
    happened: ['flow.published'],
  },
  {
    name: 'there is nothing more to publish',
    send: () => ['POST', `/applications/${ids['application']}/sign-in-flow/publish`],
    status: 422,
    gives: () => ({ code: 'VALIDATION_FAILED', findings: [{ code: 'NO_DRAFT' }] }),
  },
  {
    name: 'the first version is restored as the third',
    send: () => ['POST', `/applications/${ids['application']}/sign-in-flow/versions/1/restore`],
    status: 200,
    gives: () => ({ version: 3 }),
    happened: ['flow.published'],
  },
  {
    name: 'the second is withdrawn',
    send: () => ['POST', `/applications/${ids['application']}/sign-in-flow/versions/2/withdraw`],
    status: 200,
    gives: () => ({ version: 2, withdrawnAt: '2026-11-24T09:00:00.000Z', live: false }),
    happened: ['flow.withdrawn'],
  },
  {
    name: 'and not restored any more',
    send: () => ['POST', `/applications/${ids['application']}/sign-in-flow/versions/2/restore`, {}],
    status: 422,
    gives: () => ({ findings: [{ code: 'VERSION_WITHDRAWN' }] }),
  },
  {
    name: 'all versions are listed, newest first',
    send: () => ['GET', `/applications/${ids['application']}/sign-in-flow/versions`],
    status: 200,
    gives: () => ({
      items: [
        { version: 3, live: true, note: 'Version 1 again' },
        { version: 2, note: 'no MFA' },
        { version: 1, live: false },
      ],
    }),
  },
  {
    name: 'one is read',
    send: () => ['GET', `/applications/${ids['application']}/sign-in-flow/versions/3`],
    status: 200,
    gives: () => ({ version: 3, scriptEnabled: true, script: scriptFlow.script }),
  },
  {
    name: 'JIT provisioning is turned off: the mission’s script skips the factor, so there is nothing to warn of',
    send: () => ['PATCH', `/connections/${ids['connection']}`, { jit: { enabled: false } }],
    status: 200,
    gives: () => ({
      jit: { enabled: false, attributeSync: 'OVERRIDE_ALL' },
      affectedApplications: [{ id: ids['application'], name: 'Payroll', where: 'live', findings: [] }],
    }),
    happened: ['connection.updated'],
  },
  {
    name: 'with the script off the answer warns',
    send: () => ['PUT', `/applications/${ids['application']}/sign-in-flow`, { ...scriptFlow, scriptEnabled: false }],
    status: 200,
    gives: () => ({
      findings: [
        {
          severity: 'warning',
          code: 'ACCOUNT_REQUIRED',
          path: '/steps/1',
          message: expect.stringContaining('«Google»'),
        },
      ],
    }),
    happened: ['flow.draft-saved'],
  },
  {
    name: 'and with it, JIT on again, no application is affected',
    send: () => ['PATCH', `/connections/${ids['connection']}`, { jit: { enabled: true } }],
    status: 200,
    gives: () => expect.not.objectContaining({ affectedApplications: expect.anything() }),
    happened: ['connection.updated'],
  },
  {
    name: 'a script is checked without being saved',
    send: () => [
      'POST',
      `/applications/${ids['application']}/validate`,
      { script: 'var onLoginRequest = function (context) {\n  executeStep(9);\n};' },
    ],
    status: 200,
    gives: () => ({
      findings: expect.arrayContaining([expect.objectContaining({ code: 'UNKNOWN_STEP', line: 2, column: 15 })]),
    }),
  },
  {
    name: 'the stored flow is checked',
    send: () => ['POST', `/applications/${ids['application']}/validate`],
    status: 200,
    gives: () => ({ findings: [] }),
  },
  {
    name: 'a dry run is made',
    send: () => [
      'POST',
      `/applications/${ids['application']}/dry-run`,
      { scenario: { steps: { '1': [{ outcome: 'success', user: 'ann' }] } } },
    ],
    status: 200,
    gives: () => ({ outcome: { result: 'success' }, findings: [] }),
  },
  {
    name: 'an authenticator app is given',
    send: () => ['POST', `/users/${ids['user']}/factors/totp`],
    status: 201,
    keep: 'factor',
    gives: () => ({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      otpauthUri: expect.stringMatching(/^otpauth:\/\/totp\/Stepgate:Ann\?/),
    }),
    happened: ['factor.added'],
  },
  {
    name: 'and shown without its secret',
    send: () => ['GET', `/users/${ids['user']}`],
    status: 200,
    gives: () => ({ factors: [{ id: ids['factor'], type: 'totp', createdAt: '2026-11-24T09:00:00.000Z' }] }),
  },
  {
    name: 'and taken away',
    send: () => ['DELETE', `/users/${ids['user']}/factors/${ids['factor']}`],
    status: 204,
    happened: ['factor.removed'],
  },
  {
    name: 'it is gone',
    send: () => ['DELETE', `/users/${ids['user']}/factors/${ids['factor']}`],
    status: 404,
    gives: () => ({ code: 'NOT_FOUND' }),
  },
  {
    name: 'the application gets a new secret',
    send: () => ['POST', `/applications/${ids['application']}/client-secret`],
    status: 200,
    gives: () => ({ clientSecret: expect.stringMatching(/^[\w-]{43}$/) }),
    happened: ['application.secret-rotated'],
  },
  {
    name: 'the application is changed',
    send: () => [
      'PATCH',
      `/applications/${ids['application']}`,
      {
        name: 'Wages',
        disabled: true,
        postLogoutRedirectUris: ['https://payroll.example.com/'],
        backchannelLogoutUri: 'https://payroll.example.com/logout?of=stepgate',
      },
    ],
    status: 200,
    gives: () => ({
      name: 'Wages',
      disabled: true,
      redirectUris: ['https://payroll.example.com/callback'],
      backchannelLogoutUri: 'https://payroll.example.com/logout?of=stepgate',
      backchannelLogoutSessionRequired: true,
    }),
    happened: ['application.updated'],
  },
  {
    name: 'the settings are read',
    send: () => ['GET', '/settings'],
    status: 200,
    gives: () => ({ mail: { server: 'smtp://mail.example.com:587' } }),
  },
  {
    name: 'the application goes',
    send: () => ['DELETE', `/applications/${ids['application']}`],
    status: 204,
    happened: ['application.deleted'],
  },
  {
    name: 'and is gone',
    send: () => ['GET', `/applications/${ids['application']}`],
    status: 404,
    gives: () => ({ code: 'NOT_FOUND' }),
  },
  { name: 'with its flow', send: () => ['GET', `/applications/${ids['application']}/sign-in-flow`], status: 404 },
  {
    name: 'the connection goes',
    send: () => ['DELETE', `/connections/${ids['connection']}`],
    status: 204,
    happened: ['connection.deleted'],
  },
  { name: 'and is gone', send: () => ['PATCH', `/connections/${ids['connection']}`, { enabled: false }], status: 404 },
  { name: 'the person goes', send: () => ['DELETE', `/users/${ids['user']}`], status: 204, happened: ['user.deleted'] },
  { name: 'and is gone', send: () => ['GET', `/users/${ids['user']}`], status: 404 },
  { name: 'nothing is left', send: () => ['GET', '/users'], status: 200, gives: () => ({ items: [] }) },
];

test.each(story)('$name', async ({ send, status, gives, happened, keep }) => {
  const answer = await world.call(...send());
  if (keep) ids[keep] = answer.body.id;
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status, ...(gives ? { body: gives() } : {}) });
  expect(await world.happened()).toEqual(happened ?? []);
});

test('no secret has come into the audit log', async () => {
  const text = JSON.stringify(await world.events());
  for (const secret of ['correct horse', 'the-provider’s-secret', 'argon2']) expect(text).not.toContain(secret);
  expect(text).toContain('(secret)');
});

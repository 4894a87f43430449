import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/lab/dry-run-types.ts';
import { scriptObjects } from '../../src/script-api/objects.ts';
import { ann, tryScript } from './world.ts';

/** Every member of every object, read and written as scripts do. */

const mail = 'http://wso2.org/claims/emailaddress';
const scenario: Scenario = {
  ...ann,
  request: {
    ip: '203.0.113.9',
    acrValues: ['a', 'b'],
    headers: { 'User-Agent': 'Browser', 'x-first': '1' },
    params: { login_hint: 'ann' },
    cookies: { device: 'd-1' },
  },
};
const grace: Scenario = {
  steps: {
    '1': [{ outcome: 'success', idp: 'Google', subject: 'g-1', claims: { email: 'g@example.com', hd: 'example.com' } }],
    '2': [{ outcome: 'success' }],
  },
};

/** What the expressions are in onSuccess of step 1, as JSON; what JSON cannot hold as its name. */
async function read(body: string, of: Scenario = scenario): Promise<unknown> {
  const { logs, outcome } = await tryScript(
    `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
      var user = context.currentKnownSubject; ${body} } }); }`,
    of,
  );
  if (outcome.result === 'error') return `${outcome.code}: ${outcome.message}`;
  return JSON.parse(logs.at(-1)?.message ?? 'null');
}
const value = (expression: string, of?: Scenario) =>
  read(`var value = ${expression}; Log.info(JSON.stringify([value === undefined ? 'undefined' : value]));`, of).then(
    (found) => (Array.isArray(found) ? found[0] : found),
  );

/** What is left after something that has to throw a TypeError; whether it did not. */
const refuses = (body: string, left: string) =>
  `(function () { try { ${body}; } catch (e) { return e instanceof TypeError ? ${left} : e.name; } return 'done'; })()`;

const members: Record<string, Record<string, [expression: string, expected: unknown][]>> = {
  Context: {
    steps: [
      ['Object.keys(context.steps)', ['1', '2']],
      ['context.steps[3]', 'undefined'],
      ["context.steps['1'] === context.steps[1]", true],
    ],
    currentStep: [['context.currentStep', 1]],
    currentKnownSubject: [
      ['context.currentKnownSubject === context.steps[1].subject', true],
      ['context.currentKnownSubject.username', 'ann'],
    ],
    subject: [['context.subject === context.currentKnownSubject', true]],
    lastLoginFailedUser: [['context.lastLoginFailedUser', null]],
    requestedAcr: [
      ['context.requestedAcr', ['a', 'b']],
      ['(context.requestedAcr.push("c"), context.requestedAcr)', ['a', 'b']],
    ],
    selectedAcr: [
      ['context.selectedAcr', null],
      ['(context.selectedAcr = "x", context.selectedAcr)', 'x'],
      ['(context.selectedAcr = 2, context.selectedAcr)', '2'],
      ['(context.selectedAcr = "x", delete context.selectedAcr, context.selectedAcr)', null],
      ['(context.selectedAcr = "x", context.selectedAcr = undefined, context.selectedAcr)', null],
      ['(context.selectedAcr = "x", context.selectedAcr = null, context.selectedAcr)', null],
      ['(context.own = 1, delete context.own, [context.own === undefined, context.selectedAcr])', [true, null]],
    ],
    tenantDomain: [
      ['context.tenantDomain', 'carbon.super'],
      ['(context.tenantDomain = "x", context.tenantDomain)', 'carbon.super'],
      ['(delete context.tenantDomain, context.tenantDomain)', 'carbon.super'],
      [
        refuses('Object.defineProperty(context, "tenantDomain", { value: "x" })', 'context.tenantDomain'),
        'carbon.super',
      ],
    ],
    serviceProviderName: [['context.serviceProviderName', 'Payroll']],
    retry: [['context.retry', false]],
    endpointParams: [
      [
        '(context.endpointParams.a = 1, context.endpointParams.b = true, context.endpointParams)',
        { a: '1', b: 'true' },
      ],
      ['(context.endpointParams.a = 1, delete context.endpointParams.a, Object.keys(context.endpointParams))', []],
    ],
    request: [['context.request === context.request', true]],
    response: [['Object.keys(context.response)', ['headers']]],
  },
  Step: {
    subject: [['context.steps[2].subject', null]],
    idp: [
      ['context.steps[1].idp', 'LOCAL'],
      ['context.steps[2].idp', null],
    ],
    authenticator: [
      ['context.steps[1].authenticator', 'BasicAuthenticator'],
      ['context.steps[2].authenticator', null],
    ],
    options: [
      [
        'context.steps[2].options',
        [
          { idp: 'LOCAL', authenticator: 'totp' },
          { idp: 'LOCAL', authenticator: 'email-otp-authenticator' },
        ],
      ],
      ['(context.steps[2].options.pop(), context.steps[2].options.length)', 2],
    ],
    provisioning: [['context.steps[1].provisioning', null]],
  },
  User: {
    identifier: [['user.identifier', 'ann']],
    uniqueId: [
      ['user.uniqueId', 'scenario:ann'],
      ['(user.uniqueId = "x", user.uniqueId)', 'scenario:ann'],
    ],
    username: [['(user.username = "root", [user.username, user.identifier])', ['root', 'ann']]],
    userStoreDomain: [
      ['user.userStoreDomain', 'PRIMARY'],
      ['(user.userStoreDomain = "OTHER", user.userStoreDomain)', 'OTHER'],
    ],
    tenantDomain: [['user.tenantDomain', 'carbon.super']],
    roles: [
      ['user.roles', ['admin']],
      ['(user.roles.push("owner"), user.roles)', ['admin']],
      ['(user.roles = ["owner"], hasRole(user, "owner"))', false],
    ],
    localClaims: [
      ['user.localClaims.emailaddress', 'ann@example.com'],
      [`user.localClaims['${mail}']`, 'ann@example.com'],
      ['user.localClaims.nothing', 'undefined'],
      ['Object.keys(user.localClaims)', [mail]],
      ['(user.localClaims.age = 42, user.localClaims["http://wso2.org/claims/age"])', '42'],
      ['(delete user.localClaims.emailaddress, "emailaddress" in user.localClaims)', false],
      ['(user.localClaims.emailaddress = null, "emailaddress" in user.localClaims)', false],
      ['(user.localClaims.emailaddress = undefined, "emailaddress" in user.localClaims)', false],
      ['user.localClaims.toString === Object.prototype.toString', true],
      [`Object.getOwnPropertyDescriptor(user.localClaims, 'emailaddress').value`, 'ann@example.com'],
      [
        refuses('Object.defineProperty(user.localClaims, "age", { value: 1 })', 'Object.keys(user.localClaims)'),
        [mail],
      ],
      [refuses('Object.setPrototypeOf(user.localClaims, { age: 1 })', 'user.localClaims.age === undefined'), true],
      [refuses('Object.freeze(user.localClaims)', 'Object.keys(user.localClaims)'), [mail]],
    ],
    remoteClaims: [['user.remoteClaims', null]],
    claims: [
      ['user.claims', {}],
      ['(user.claims.shift = { from: 9 }, user.claims)', { shift: { from: 9 } }],
      ['(user.claims.shift = 1, delete user.claims.shift, Object.keys(user.claims))', []],
      ...['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'acr', 'amr', 'auth_time', 'sid'].flatMap(
        (name): [string, unknown][] => [
          [refuses(`user.claims.${name} = "x"`, 'Object.keys(user.claims)'), []],
          [refuses(`user.claims["http://wso2.org/claims/${name}"] = "x"`, 'Object.keys(user.claims)'), []],
        ],
      ),
    ],
  },
  ContextRequest: {
    params: [
      ['context.request.params.login_hint[0]', 'ann'],
      ['context.request.params.state', 'undefined'],
    ],
    headers: [
      ['context.request.headers["User-Agent"]', 'Browser'],
      ['context.request.headers["user-agent"]', 'Browser'],
      ['context.request.headers["USER-AGENT"]', 'Browser'],
      ['"X-First" in context.request.headers', true],
      ['context.request.headers.hasOwnProperty("x-first")', true],
      ['context.request.headers.authorization', 'undefined'],
      ['Object.keys(context.request.headers).sort()', ['user-agent', 'x-first']],
    ],
    cookies: [
      ['context.request.cookies.device.value', 'd-1'],
      ['context.request.cookies.none', 'undefined'],
      ['context.request.cookies.device + "!"', 'd-1!'],
      ['context.request.cookies.device == "d-1"', true],
      ['String(context.request.cookies["device"])', 'd-1'],
      ['context.request.cookies', { device: { value: 'd-1' } }],
      ['Object.keys(context.request.cookies.device)', ['value']],
    ],
    ip: [['context.request.ip', '203.0.113.9']],
  },
  ContextResponse: {
    headers: [['(context.response.headers["X-A"] = 1, context.response.headers)', { 'X-A': '1' }]],
  },
  Log: Object.fromEntries(
    ['debug', 'info', 'warn', 'error', 'log'].map((level) => [level, [[`typeof Log.${level}`, 'function']]]),
  ),
};

describe.each(scriptObjects.map((object) => [object.name, object] as const))('%s', (name, { members: defined }) => {
  it('has a test of each member that is defined, and defines each that is tested', () => {
    expect(Object.keys(members[name] ?? {})).toEqual(defined.map((member) => member.name));
  });

  it.each(Object.values(members[name] ?? {}).flat())('%s', async (expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });
});

describe.each(scriptObjects.filter(({ name }) => name !== 'Log').map((object) => [object.name, object] as const))(
  '%s',
  (_name, { expression, members: defined }) => {
    it('has the members that are defined as its own enumerable keys, and no other', async () => {
      const keys = (await value(`Object.keys(${expression}).sort()`)) as string[];
      expect(keys).toEqual(defined.map((member) => member.name).sort());
    });

    it('can be shown as JSON', async () => {
      expect(Object.keys((await value(expression)) as object).sort()).toEqual(
        defined.map((member) => member.name).sort(),
      );
    });
  },
);

describe('Somebody from a connection', () => {
  it.each([
    ['user.remoteClaims.email', 'g@example.com'],
    ['(user.remoteClaims.hd = "other.example", user.remoteClaims.hd)', 'other.example'],
    ['(user.remoteClaims.hd = 7, user.remoteClaims.hd)', '7'],
    ['(user.remoteClaims.fresh = 1, Object.keys(user.remoteClaims).sort())', ['email', 'fresh', 'hd', 'sub']],
    ['(user.localClaims.nickname = "G", user.localClaims.nickname)', 'G'],
    ['user.localClaims.emailaddress', 'g@example.com'],
    ['[context.steps[1].idp, context.steps[1].provisioning.result]', ['Google', 'pending']],
    ['user.roles', []],
  ])('%s', async (expression, expected) => {
    expect(await value(expression, grace)).toEqual(expected);
  });
});

describe('Writing what is only read', () => {
  it.each([
    ['user.roles = ["owner"]', 'roles'],
    ['user.identifier = "root"', 'identifier'],
    ['user.uniqueId = "x"', 'uniqueId'],
    ['user.tenantDomain = "x"', 'tenantDomain'],
    ['user.localClaims = {}', 'localClaims'],
    ['context.currentKnownSubject = null', 'currentKnownSubject'],
    ['context.steps[1] = {}', '1'],
    ['context.steps[1].subject = null', 'subject'],
    ['context.request.ip = "::1"', 'ip'],
    ['context.request.params = {}', 'params'],
    ['context.request.headers["User-Agent"] = "x"', 'User-Agent'],
    ['delete context.request.headers["user-agent"]', 'user-agent'],
    ['context.response.headers = {}', 'headers'],
  ])('%s changes nothing, and is logged with its line', async (write, name) => {
    const target = write.replace(/^delete /, '').replace(/ = .*/, '');
    const { logs, outcome } = await tryScript(
      `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
        var user = context.currentKnownSubject; var before = JSON.stringify(${target});
        ${write};
        if (JSON.stringify(${target}) !== before) { fail(); } } }); }`,
      scenario,
    );
    expect(outcome.result).toBe('success');
    expect(logs.map(({ level, message, line }) => [level, message, line])).toEqual([
      ['warn', `«${name}» is only read: writing or deleting it changes nothing.`, 3],
    ]);
  });

  it('A claim that the provider sent is not deleted', async () => {
    const { logs } = await tryScript(
      `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
        var claims = context.currentKnownSubject.remoteClaims; delete claims.hd;
        Log.info(claims.hd); } }); }`,
      grace,
    );
    expect(logs.map(({ message }) => message)).toEqual([
      '«hd» is only read: writing or deleting it changes nothing.',
      'example.com',
    ]);
  });
});

it('What was written of a provider’s claims stands in the turns that follow', async () => {
  const { logs } = await tryScript(
    `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
      context.currentKnownSubject.remoteClaims.hd = 'other.example';
      executeStep(1, { onSuccess: function (context) {
        Log.info(context.currentKnownSubject.remoteClaims.hd, context.currentKnownSubject.remoteClaims.email); } }); } }); }`,
    grace,
  );
  expect(logs.map(({ message }) => message)).toEqual(['other.example g@example.com']);
});

it('Nobody is in lastLoginFailedUser where it is not known whose step failed', async () => {
  const { logs } = await tryScript(
    `function onLoginRequest(context) { executeStep(1, { onFail: function (context) {
      Log.info(context.lastLoginFailedUser === null, context.currentKnownSubject === null, context.steps[1].subject === null);
      executeStep(1); } }); }`,
    { steps: { '1': [{ outcome: 'fail' }, ann.steps!['1']![0]!] } },
  );
  expect(logs.map(({ message }) => message)).toEqual(['true true true']);
});

it('Who failed is in lastLoginFailedUser, and retry is true until a step is passed', async () => {
  const { logs } = await tryScript(
    `function onLoginRequest(context) {
      Log.info(context.currentKnownSubject === null && context.subject === null && context.currentStep === 0);
      executeStep(1, { onSuccess: function () { executeStep(2, {
        onFail: function (context) { Log.info(context.retry, context.currentStep, context.lastLoginFailedUser === null ? 'nobody' : context.lastLoginFailedUser.username);
          executeStep(2, { onSuccess: function (context) { Log.info(context.retry, context.steps[2].authenticator); } }); } }); } });
    }`,
    { steps: { ...ann.steps, '2': [{ outcome: 'fail' }, { outcome: 'success' }] } },
  );
  expect(logs.map(({ message }) => message)).toEqual(['true', 'true 2 ann', 'false totp']);
});

it.each([
  ['user.localClaims.nickname = { a: 1 }', 'http://wso2.org/claims/nickname must be a text, and an object was given'],
  ['user.localClaims.nickname = function () {}', 'must be a text, and a function was given'],
  ['user.username = {}', 'username must be a text, and an object was given'],
  ['context.selectedAcr = Promise.resolve("x")', 'selectedAcr must be a text, and a promise was given'],
  ['context.endpointParams.a = { b: 1 }', 'a must be a text, and an object was given'],
  ['context.response.headers["X-A"] = {}', 'X-A must be a text, and an object was given'],
  ['user.claims.a = Promise.resolve(1)', 'The claim a must be a value that JSON can hold, and a promise was given'],
  ['user.claims.a = function () {}', 'The claim a must be a value that JSON can hold, and a function was given'],
])('%s is an error', async (write, says) => {
  expect(await read(`${write};`)).toContain(says);
});

it.each([
  ['(user.localClaims.nickname = ["a", "b"], user.localClaims.nickname)', 'a,b'],
  ['(user.localClaims.nickname = new Date(0), user.localClaims.nickname.slice(0, 15))', 'Thu Jan 01 1970'],
])('%s is the text that it has', async (expression, text) => {
  expect(await value(expression)).toBe(text);
});

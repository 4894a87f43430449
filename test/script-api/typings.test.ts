import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeAuthenticators } from '../../src/authenticators/definitions.ts';
import type { Flow } from '../../src/login/flow.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { type TypingsSubject, writeTypings } from '../../src/script-api/typings.ts';
import { afterStep1 } from '../validator/knowledge.ts';

const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
/** As an editor of scripts is set: plain JavaScript, and nothing of a browser. */
const settings = {
  compilerOptions: {
    noEmit: true,
    allowJs: true,
    checkJs: true,
    strict: false,
    target: 'es2024',
    lib: ['es2024'],
    types: [],
  },
  files: ['stepgate.d.ts', 'script.js'],
};

/** Step 1: a password or «Google»; step 2: an authenticator app or a mailed code. */
const payroll: TypingsSubject = {
  steps: [
    {
      options: [
        { idp: 'LOCAL', authenticator: 'BasicAuthenticator' },
        { idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' },
      ],
    },
    {
      options: [
        { idp: 'LOCAL', authenticator: 'totp' },
        { idp: 'LOCAL', authenticator: 'email-otp-authenticator' },
      ],
    },
  ],
  authenticators: describeAuthenticators(),
  connections: ['Google', 'Partner IdP'],
  roles: ['admin', 'manager'],
  applicationRoles: ['approver'],
  groups: ['finance'],
  libraries: ['greetings'],
  secrets: ['RISK_KEY'],
};

/** What the installed TypeScript says of scripts, each in a folder of its own; `line:column code message`. */
async function compile(
  scripts: Record<string, string>,
  subject: TypingsSubject = payroll,
): Promise<Record<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-typings-'));
  try {
    writeFileSync(join(folder, 'stepgate.d.ts'), writeTypings(subject));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const found: Record<string, string[]> = {};
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, 'script.js'), script);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [compiler, '--project', folder, '--pretty', 'false'],
        { cwd: folder },
      ).catch((failure: { stdout: string }) => failure);
      const errors = stdout.split('\n').filter((text) => text.includes('error TS'));
      found[name] = errors.map((text) => text.replace(/^script\.js\((\d+),(\d+)\): error /, '$1:$2 '));
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const right = {
  'callbacks, options and both': afterStep1(`executeStep(2, { onSuccess: function (c) { c.steps[2].idp; } });
    executeStep('2', { authenticationOptions: [{ authenticator: 'totp' }] }, { onFail: function () {} });
    executeStep(1, { authenticationOptions: { '0': { idp: 'Google' }, '1': { authenticator: 'basic' } }, stepOptions: { forceAuth: 'true' } }, {});`),
  'a number and a name that are worked out': afterStep1(`var n = context.retry ? 1 : 2; executeStep(n);
    var role = String(n); hasRole(context.currentKnownSubject, role); hasAnyOfTheRoles(context.subject, [role]);
    var roles = ['admin', 'anything']; hasAnyOfTheRoles(context.subject, roles);
    var choice = context.retry ? 'totp' : role; executeStep(2, { authenticationOptions: [{ authenticator: choice }] }, {});`),
  'writing what may be written': afterStep1(`context.selectedAcr = 'a'; delete context.selectedAcr;
    var user = context.currentKnownSubject; user.username = 'x'; user.claims.shift = { from: 9 };
    user.localClaims['http://wso2.org/claims/nickname'] = 'n'; user.remoteClaims.hd; context.endpointParams.x = 1;
    context.response.headers['X-A'] = 'b'; Log.info('a', { b: 1 }); console.log(1);`),
  'every role function': afterStep1(`hasRole(context.subject, 'admin'); assignUserRolesV2(context, ['approver']);`),
  'a group, also one that only a provider has': afterStep1(
    "isMemberOfAnyOfGroups(context.subject, ['finance', 'of the provider']);",
  ),
  'the entry, with the type of its context': `/** @type {OnLoginRequest} */
var onLoginRequest = function (context) { context.request.ip; executeStep(1); };`,
  'callbacks with data': afterStep1(`httpGet('https://a.example', { onSuccess: function (context, data) { data.x; } });
    httpGet('https://a.example', { accept: 'b' }, { onTimeout: function (context) { context.retry; } });`),
  'a preHandler, wherever it stands': afterStep1(`
    promptIdentifierForStep(1, { preHandler: function (step, context) { return step > 1; } }, { onSkip: function () {} });
    promptIdentifierForStep(1, { preHandler: function (step, context) { return context.retry; }, onSkip: function (context) { context.retry; } });`),
  'a secret': afterStep1(`getSecretByName('RISK_KEY'); compareSecret(secrets.RISK_KEY, 'x');`),
  'a library': afterStep1(`require('greetings.js').hello(); require('greetings').hello();`),
  comparing: afterStep1(`if (context.steps[1].idp == 'Google') { executeStep(2); }`),
};

/** Where the error must be, as `line:column`. */
const wrong: Record<string, [script: string, place: string]> = {
  'a step that the flow lacks': [afterStep1('executeStep(3);'), '3:17'],
  'a misspelt role': [afterStep1("hasRole(context.currentKnownSubject, 'mangaer');"), '3:42'],
  'a misspelt role in a list': [afterStep1("hasAnyOfTheRoles(context.subject, ['admin', 'mangaer']);"), '3:49'],
  'a role of the organisation, where one of the application is asked for': [
    afterStep1("hasAnyOfTheRolesV2(context, ['admin']);"),
    '3:34',
  ],
  'a misspelt connection': [afterStep1("executeStep(1, { authenticationOptions: [{ idp: 'Gogle' }] }, {});"), '3:48'],
  'a connection that the step does not offer': [
    afterStep1("executeStep(2, { authenticationOptions: [{ idp: 'Google' }] }, {});"),
    '3:48',
  ],
  'comparing with a misspelt connection': [afterStep1("if (context.steps[1].idp == 'Gogle') {}"), '3:9'],
  'a misspelt callback': [afterStep1('executeStep(2, { onSucess: function () {} });'), '3:22'],
  'a callback that a call never makes': [
    afterStep1("httpGet('https://a.example', { onUserAbort: function () {} });"),
    '3:36',
  ],
  'a member that the context lacks, in the entry itself': [
    `/** @type {OnLoginRequest} */
var onLoginRequest = function (context) { context.requst; };`,
    '2:51',
  ],
  'a misspelt library': [afterStep1("require('greeting.js');"), '3:13'],
  'a misspelt secret': [afterStep1('secrets.RISK_KY;'), '3:13'],
  'a misspelt secret by its name': [afterStep1("getSecretByName('RISK_KY');"), '3:21'],
  'a text for a person': [afterStep1("hasRole('ann', 'admin');"), '3:13'],
  'a text for a list': [afterStep1("hasAnyOfTheRoles(context.subject, 'admin');"), '3:39'],
  'too few arguments': [afterStep1('hasRole(context.subject);'), '3:5'],
  'writing what is only read': [afterStep1('context.tenantDomain = 1;'), '3:13'],
  'a member that is not there': [afterStep1('context.currentKnowSubject;'), '3:13'],
  'a parameter that the authenticator does not read': [
    afterStep1("executeStep(2, { authenticatorParams: { local: { totp: { enroll: 'true' } } } }, {});"),
    '3:62',
  ],
};

it('takes right scripts without an error, whatever is worked out in them', async () => {
  expect(await compile(right)).toEqual(Object.fromEntries(Object.keys(right).map((name) => [name, []])));
});

it('finds what is wrong, in its place', async () => {
  const found = await compile(Object.fromEntries(Object.entries(wrong).map(([name, [script]]) => [name, script])));
  const places = Object.entries(found).map(([name, errors]) => [name, errors.map((error) => error.split(' ')[0])]);
  expect(Object.fromEntries(places), JSON.stringify(found, null, 1)).toEqual(
    Object.fromEntries(Object.entries(wrong).map(([name, [, place]]) => [name, [place]])),
  );
});

it('takes the shipped scripts and the examples of all functions', async () => {
  const scripts = new URL('../../scripts/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, scripts), 'utf8');
  const aliases = (name: string) =>
    payroll.authenticators.find((each) => each.name === name || each.aliases.includes(name))?.name ?? name;
  for (const name of readdirSync(scripts)) {
    const { steps } = JSON.parse(read(`${name}/cases.json`)) as { steps: Flow['steps'] };
    const named = steps.map(({ options }) => ({
      options: options.map((option) =>
        'idp' in option
          ? { idp: option.idp, authenticator: 'OpenIDConnectAuthenticator' }
          : { idp: 'LOCAL', authenticator: aliases(option.authenticator) },
      ),
    }));
    const subject = {
      ...payroll,
      steps: named,
      connections: null,
      roles: null,
      applicationRoles: null,
      libraries: null,
      secrets: null,
    };
    expect(await compile({ [name]: read(`${name}/script.js`) }, subject)).toEqual({ [name]: [] });
  }
  const examples = [...scriptFunctions.values()].filter(({ internal }) => !internal);
  const free = { ...payroll, roles: null, applicationRoles: null, libraries: null, secrets: null };
  const found = await compile(Object.fromEntries(examples.map(({ name, example }) => [name, example])), free);
  expect(found).toEqual(Object.fromEntries(examples.map(({ name }) => [name, []])));
}, 120_000);

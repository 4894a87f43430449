import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stepOptions } from '../../sandbox/protocol.ts';
import type { Scenario } from '../../src/lab/dry-run-types.ts';
import type { Flow } from '../../src/login/flow.ts';
import type { ProvisioningResult } from '../../src/provisioning/provision.ts';
import { describeDryRun } from '../../src/script-api/dry-run.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { scriptObjects } from '../../src/script-api/objects.ts';
import { type TypingsSubject, writeTypings } from '../../src/script-api/typings.ts';
import { afterStep1 } from '../validator/knowledge.ts';
import { compile, payroll, unknown } from './compile.ts';
import { ann, steps, tryScript } from './world.ts';

/** What an editor says of scripts: `right` ones have no error, and each of the `wrong` ones has one, at the mark. */

const provisioningResults: Record<ProvisioningResult['result'], true> = {
  pending: true,
  known: true,
  created: true,
  updated: true,
  linked: true,
  unchanged: true,
  disabled: true,
  skipped: true,
  refused: true,
  failed: true,
};
const user = 'var user = context.currentKnownSubject; ';
const members = scriptObjects.flatMap(({ expression, members: all }) =>
  all.map((member) => ({ ...member, expression, place: `${expression}.${member.name}` })),
);

const right: Record<string, string> = {
  'callbacks, options and both': `executeStep(2, { onSuccess: function (c) { c.steps[2].idp; } });
    executeStep('2', { authenticationOptions: [{ authenticator: 'totp' }] }, { onFail: function () {} });
    executeStep(1, { authenticationOptions: { '0': { idp: 'Google' }, '1': { authenticator: 'basic' } }, stepOptions: { forceAuth: 'true' } }, {});
    executeStep(1, { stepOptions: {} }); executeStep(1, null, {}); executeStep(1, {}); executeStep(1);`,
  'every callback of a step and of a call': `/** @type {OnLoginRequest} */ var call = function (context) { context.retry; };
    executeStep(1, { onSuccess: call, onFail: call, onUserAbort: call, onFallback: call });
    httpGet('https://a.example', { onSuccess: call, onFail: call, onTimeout: call });`,
  'a number and a name that are worked out': `var n = context.retry ? 1 : 2; executeStep(n); executeStep(String(n));
    var role = String(n); hasRole(context.currentKnownSubject, role); hasAnyOfTheRoles(context.subject, [role]);
    var roles = ['admin', 'anything']; hasAnyOfTheRoles(context.subject, roles); getSecretByName(role);
    var choice = context.retry ? 'totp' : role; executeStep(2, { authenticationOptions: [{ authenticator: choice }] }, {});
    executeStep(2, { authenticationOptions: [{ idp: role }] }, {}); context.steps[n].idp;
    executeStep(2, { authenticationOptions: context.steps[2].options }, {});
    executeStep(1, { authenticationOptions: context.steps[1].options.filter((option) => option.idp != 'LOCAL') }, {});
    executeStep(n, { authenticationOptions: context.steps[n].options }, {});`,
  'writing what may be written': `${user}context.selectedAcr = 'a'; delete context.selectedAcr;
    user.username = 'x'; user.claims.shift = { from: 9 }; delete user.claims.shift;
    user.localClaims['http://wso2.org/claims/nickname'] = 'n'; user.localClaims.age = 42; delete user.localClaims.age;
    user.localClaims.nickname.toUpperCase(); user.remoteClaims.address.locality; user.remoteClaims.hd = 'x';
    context.endpointParams.x = 1; context.endpointParams.y = true;
    context.response.headers['X-A'] = 'b'; Log.info('a', { b: 1 }); console.log(1);`,
  'both spellings of a connection': `executeStep(2, { authenticationOptions: [{ idp: 'Partner IdP' }, { idp: 'Partner_IdP' }] }, {});
    executeStep(2, { authenticatorParams: { federated: { 'Partner IdP': { branch: 7 }, Partner_IdP: {}, The_Other_One: { a: true } } } }, {});`,
  'every name of an authenticator': `executeStep(2, { authenticationOptions: [{ authenticator: 'EmailOTP' }, { authenticator: 'email-otp-authenticator' }] }, {});
    executeStep(2, { authenticationOptions: [{ idp: 'Partner_IdP', authenticator: 'openidconnect' }, { authenticator: 'OpenIDConnectAuthenticator' }] }, {});
    executeStep(1, { authenticationOptions: [{ authenticator: 'BasicAuthenticator' }] }, {});`,
  'every parameter of every authenticator': payroll.authenticators
    .flatMap(({ name, aliases, parameters }) =>
      [name, ...aliases].map((each) => {
        const given = parameters.map((parameter) => `'${parameter.name}': Math.random() > 0.5 ? 1 : 'true'`);
        return `executeStep(1, { authenticatorParams: { local: { '${each}': { ${given.join(', ')} } } } }, {});`;
      }),
    )
    .join('\n'),
  'parameters for all, and none': `executeStep(1, { authenticatorParams: { common: { anything: 1 } } }, {});
    executeStep(1, { authenticatorParams: { local: { totp: {} } } }, {}); executeStep(1, { authenticatorParams: {} }, {});`,
  'every option of a step': Object.keys(stepOptions)
    .map(
      (name) =>
        `executeStep(1, { stepOptions: { ${name}: true } }); executeStep(1, { stepOptions: { ${name}: 'false' } });`,
    )
    .join('\n'),
  'every result of provisioning': Object.keys(provisioningResults)
    .map((result) => `context.steps[1].provisioning?.result == '${result}';`)
    .concat('context.steps[1].provisioning?.userId?.length;')
    .join('\n'),
  'every role function': `${user}hasRole(user, 'admin'); hasAnyOfTheRoles(user, ['admin', 'manager']);
    isAnyOfTheRolesAssignedToUser(user, ['admin']); assignUserRoles(user, ['manager']); removeUserRoles(user, ['manager']);
    hasAnyOfTheRolesV2(context, ['approver']); assignUserRolesV2(context, ['approver']); removeUserRolesV2(context, []);`,
  'a group, also one that only a provider has':
    "isMemberOfAnyOfGroups(context.subject, ['finance', 'of the provider']);",
  'callbacks with data': `httpGet('https://a.example', { onSuccess: function (context, data) { data.x; } });
    httpGet('https://a.example', { accept: 'b' }, { onTimeout: function (context) { context.retry; } });
    httpPost('https://a.example', { a: 1 }, { accept: 'b' }, {}, { onFail: function (context, data) { data.y; } });`,
  'callbacks with names of their own': `prompt('a', { onAccept: function (context) { context.request.params.x[0]; } });
    showPrompt('a', { b: 1 }, { onDecline: function (context) {} }); prompt('a', null, {});
    promptIdentifierForStep(1, { onSkip: function (context) { context.retry; } });`,
  'a preHandler, wherever it stands': `
    promptIdentifierForStep('1', { preHandler: function (step, context) { return step > 1 && context.retry; } }, { onSkip: function () {} });
    promptIdentifierForStep(1, { preHandler: function (step, context) { return context.retry; }, onSkip: function (context) { context.retry; } });`,
  'a password in each form of its call': `${user}updateUserPassword(user, 'a'); updateUserPassword(user, 'a', {}); updateUserPassword(user, 'a', true);
    updateUserPassword(user, 'a', { onSuccess: function (context) { context.retry; } }, 'true');`,
  'what may be left out, and null in its place': `${user}getUniqueUserWithClaimValues({ a: 1 }); getUniqueUserWithClaimValues({ a: 1 }, null, 'p');
    getUniqueUserWithClaimValues({ a: true }, context); getUniqueUserWithClaimValues({ a: 'b' }, 'carbon.super');
    sendEmail(user, 't'); sendEmail(user, 't', null); fail(); fail({ errorCode: 'a', errorMessage: null, n: 1 });
    sendError(null, {}); sendError(''); setCookie(context.response, 'a', 1); getCookieValue(context.request, 'a', {});`,
  'the tenant in front, as older scripts have it': `filterAuthenticators('carbon.super', context.steps[2].options, 'totp');
    executeStep(2, { authenticationOptions: filterAuthenticators(context.steps[2].options, 'totp') }, {});`,
  'texts that are numbers': `selectAcrFrom(context, [1, 'a', true])?.length; getMaskedValue(7); compareSecret('a', null);
    getValueFromDecodedAssertion('a', 'b', 'true'); getValueFromDecodedAssertion('a', 'b', false);`,
  'a secret': `getSecretByName('RISK_KEY'); compareSecret(secrets.RISK_KEY, 'x');`,
  'a library': `require('greetings.js').hello(); require('greetings').hello();
    require('dates.js').hello(); require('dates').hello(); loadLocalLibrary('anything').hello();`,
  comparing: `if (context.steps[1].idp == 'Google' && context.steps[1].authenticator == 'BasicAuthenticator') { executeStep(2); }
    context.steps[2].idp == 'LOCAL'; context.steps[2].options[0].idp == 'Partner IdP'; context.steps[2].options[0].authenticator == 'totp';`,
  'every member that can be written': `/** @type {any} */ var any = 0;\n${members
    .filter(({ access }) => access !== 'read')
    .map(({ place }) => `${place} = any;`)
    .join('\n')}`,
};

/** Bodies of a callback, with a mark before what is wrong. */
const wrong: Record<string, string> = {
  'a step that the flow lacks': 'executeStep(‹3);',
  'such a step as a text': "executeStep(‹'3');",
  'a misspelt connection': "executeStep(1, { authenticationOptions: [{ ‹idp: 'Gogle' }] }, {});",
  'a connection that the step does not offer': "executeStep(2, { authenticationOptions: [{ ‹idp: 'Google' }] }, {});",
  'a misspelt authenticator': "executeStep(1, { authenticationOptions: [{ ‹authenticator: 'basics' }] }, {});",
  'an authenticator that the step does not offer':
    "executeStep('2', { authenticationOptions: { 0: { ‹authenticator: 'basic' } } }, {});",
  'a choice by another word': "executeStep(1, { authenticationOptions: [{ ‹idps: 'Google' }] }, {});",
  'another word beside a choice':
    "executeStep(1, { authenticationOptions: [{ idp: 'Google', ‹authenticatr: 'x' }] }, {});",
  'a text for the choices': "executeStep(1, { ‹authenticationOptions: 'basic' }, {});",
  'a misspelt option': 'executeStep(1, { ‹authenticationOption: [] }, {});',
  'parameters of an authenticator that is misspelt':
    "executeStep(1, { authenticatorParams: { local: { ‹basics: { username: 'x' } } } }, {});",
  'a parameter that the authenticator does not read':
    "executeStep(2, { authenticatorParams: { local: { totp: { ‹enroll: 'true' } } } }, {});",
  'a parameter that is no text':
    'executeStep(1, { authenticatorParams: { local: { basic: { ‹username: {} } } } }, {});',
  'parameters of a connection that is misspelt':
    'executeStep(1, { authenticatorParams: { federated: { ‹Gogle: {} } } }, {});',
  'such a parameter that is no text':
    'executeStep(1, { authenticatorParams: { federated: { Google: { ‹login_hint: {} } } } }, {});',
  'a parameter for all that is no text': 'executeStep(1, { authenticatorParams: { common: { ‹username: {} } } }, {});',
  'parameters for nobody': 'executeStep(1, { authenticatorParams: { ‹all: {} } }, {});',
  'a misspelt option of the step': 'executeStep(1, { stepOptions: { ‹forceAut: true } }, {});',
  'an option of the step that is no yes or no': "executeStep(1, { stepOptions: { ‹forceAuth: 'yes' } }, {});",
  'a number for it': 'executeStep(1, { stepOptions: { ‹forceAuth: 1 } }, {});',
  'comparing with a misspelt connection': "if (‹context.steps[1].idp == 'Gogle') {}",
  'comparing with a connection of another step': "if (‹context.steps[2].idp == 'Google') {}",
  'comparing with an authenticator of another step': "if (‹context.steps[1].authenticator == 'totp') {}",
  'comparing an option with a connection of another step': "if (‹context.steps[2].options[0].idp == 'Google') {}",
  'comparing an option with an authenticator of another step':
    "if (‹context.steps[1].options[0].authenticator == 'totp') {}",
  'the options of another step': 'executeStep(1, { ‹authenticationOptions: context.steps[2].options }, {});',
  'comparing with no result of provisioning': "if (‹context.steps[1].provisioning.result == 'made') {}",
  'a misspelt callback': 'executeStep(2, { ‹onSucess: function () {} });',
  'callbacks that are misspelt behind options': 'executeStep(2, {}, { ‹onSucess: function () {} });',
  'a callback of a step that wants data': 'executeStep(2, { ‹onSuccess: function (context, data) {} });',
  'a callback that a call never makes': "httpGet('https://a.example', { ‹onUserAbort: function () {} });",
  'a member that the context lacks, in the callback of a step':
    'executeStep(2, { onFail: function (c) { c.‹requst; } });',
  'in the callback of a call': "httpGet('https://a.example', { onFail: function (c) { c.‹requst; } });",
  'in the callback of a prompt': "prompt('a', { onAccept: function (c) { c.‹requst; } });",
  'in a preHandler': 'promptIdentifierForStep(1, { preHandler: function (s, c) { return c.‹requst; } }, {});',
  'in a preHandler among the callbacks':
    'promptIdentifierForStep(1, { preHandler: function (s, c) { return c.‹requst; } });',
  'callbacks of a prompt that nothing calls': "prompt('a', { ‹accept: function () {} });",
  'a preHandler where none is asked': "prompt('a', { ‹preHandler: function () { return true; } });",
  'in the callbacks beside it': 'promptIdentifierForStep(1, { onSkip: function (c) { c.‹requst; } });',
  'a preHandler that says neither yes nor no':
    "promptIdentifierForStep(1, { ‹preHandler: function () { return 'yes'; } }, {});",
  'a call without callbacks': "‹httpGet('https://a.example');",
  'a prompt without callbacks': "‹prompt('a');",
  'callbacks in front of the data': "prompt('a', { onAccept: function () {} }, { ‹b: 1 });",
  'a misspelt library': "require(‹'greeting.js');",
  'a misspelt secret': 'secrets.‹RISK_KY;',
  'a misspelt secret by its name': "getSecretByName(‹'RISK_KY');",
  'writing a secret': "secrets.‹RISK_KEY = 'x';",
  'a text for a person': "hasRole(‹'ann', 'admin');",
  'something for the context': 'selectAcrFrom(‹1, []);',
  'something for the context or a tenant': 'getUniqueUserWithClaimValues({}, ‹1);',
  'something for the request': "getCookieValue(‹'x', 'a');",
  'something for the response': "setCookie(‹'x', 'a', 'b');",
  'an object for a text': 'getMaskedValue(‹{});',
  'an object for a text or null': "compareSecret('a', ‹{});",
  'a truth for a number': 'promptIdentifierForStep(‹true, {});',
  'a word for a truth': "getValueFromDecodedAssertion('a', 'b', ‹'yes');",
  'a text for a list': "selectAcrFrom(context, ‹'a');",
  'a text for a list of roles': "hasAnyOfTheRoles(context.subject, ‹'admin');",
  'a text for a list of groups': "isMemberOfAnyOfGroups(context.subject, ‹'finance');",
  'an object in a list of texts': 'selectAcrFrom(context, [‹{}]);',
  'an object in texts by name': "sendEmail(context.subject, 't', { ‹a: {} });",
  'an object in texts to tell': 'fail({ ‹errorCode: {} });',
  'a number for an object': "setCookie(context.response, 'a', 'b', ‹1);",
  'a callback for the word that skips a check': "updateUserPassword(context.subject, 'a', ‹true, {});",
  'too few arguments': '‹hasRole(context.subject);',
  'too many arguments': "hasRole(context.subject, 'admin', ‹1);",
  'the result of a question, as a text': "hasRole(context.subject, 'admin').‹length;",
  'the person that was found, as a list': 'getUniqueUserWithClaimValues({}).‹length;',
  'a member that is not there': 'context.‹currentKnowSubject;',
  'a member that a step lacks, whichever it is': 'context.steps[context.currentStep].‹user;',
  'a member that users do not have': 'context.currentKnownSubject.‹email;',
  'a level that the log does not have': "Log.‹warning('x');",
  'the same of the console': "console.‹trace('x');",
  'a function of browsers': '‹setTimeout(function () {}, 1);',
  'deleting what is only read': 'delete ‹context.tenantDomain;',
  ...Object.fromEntries(
    members
      .filter(({ access }) => access === 'read')
      .map(({ place, name, expression }) => [
        `writing ${place}`,
        `/** @type {any} */ var any = 0; ${expression}.‹${name} = any;`,
      ]),
  ),
  ...Object.fromEntries(
    ['hasAnyOfTheRoles', 'isAnyOfTheRolesAssignedToUser', 'assignUserRoles', 'removeUserRoles'].map((name) => [
      `a role of the application: ${name}`,
      `${name}(context.subject, ['admin', ‹'approver']);`,
    ]),
  ),
  'a role of the application: hasRole': "hasRole(context.subject, ‹'approver');",
  ...Object.fromEntries(
    ['hasAnyOfTheRolesV2', 'assignUserRolesV2', 'removeUserRolesV2'].map((name) => [
      `a role of the organisation: ${name}`,
      `${name}(context, ['approver', ‹'admin']);`,
    ]),
  ),
};

/** The script without its mark, and where that stood as `line:column`. */
function unmark(marked: string): [script: string, place: string] {
  const before = marked.slice(0, marked.indexOf('‹'));
  const line = before.split('\n').length;
  return [marked.replace('‹', ''), `${line}:${before.length - before.lastIndexOf('\n')}`];
}

const bodies = (all: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).map(([name, body]) => [name, afterStep1(body)]));

async function findsEach(marked: Record<string, string>, subject: TypingsSubject = payroll): Promise<void> {
  const unmarked = Object.entries(marked).map(([name, script]) => [name, ...unmark(script)] as const);
  const found = await compile(Object.fromEntries(unmarked.map(([name, script]) => [name, script])), subject);
  const places = Object.entries(found).map(([name, errors]) => [name, errors.map((error) => error.split(' ')[0])]);
  expect(Object.fromEntries(places), JSON.stringify(found, null, 1)).toEqual(
    Object.fromEntries(unmarked.map(([name, , place]) => [name, [place]])),
  );
}

const noErrors = (scripts: Record<string, string>) =>
  Object.fromEntries(Object.keys(scripts).map((name) => [name, []]));

it('takes right scripts without an error, whatever is worked out in them', async () => {
  expect(await compile(bodies(right))).toEqual(noErrors(right));
});

it('takes them also where an editor is set strictly, and the entry has its type', async () => {
  const typed = Object.entries(bodies(right)).map(([name, script]) => [
    name,
    `/** @type {OnLoginRequest} */\n${script}`,
  ]);
  expect(await compile(Object.fromEntries(typed), payroll, { strict: true })).toEqual(noErrors(right));
});

it('finds what is wrong, in its place', async () => {
  await findsEach(bodies(wrong));
});

describe('The entry with the type of its context', () => {
  const entry = (body: string) => `/** @type {OnLoginRequest} */\nvar onLoginRequest = function (context) { ${body} };`;

  it('knows what the context has, and what it has not', async () => {
    expect(await compile({ entry: entry('context.request.ip; executeStep(1);') })).toEqual({ entry: [] });
    await findsEach({ entry: entry('context.‹requst;') });
  });
});

describe('Where names are not known', () => {
  const free = {
    'whatever roles, secrets and libraries there are': `${user}hasRole(user, 'x'); hasAnyOfTheRolesV2(context, ['x']);
      isMemberOfAnyOfGroups(user, ['x']); getSecretByName('x'); secrets.X; require('x.js').y; assignUserRoles(user, ['x']);`,
    'whatever connections': 'executeStep(1, { authenticatorParams: { federated: { Whoever: { a: 1 } } } }, {});',
  };

  it('any name is taken', async () => {
    expect(await compile(bodies(free), unknown)).toEqual(noErrors(free));
  });

  it('what has to be a text still is one', async () => {
    const parameter = 'executeStep(1, { authenticatorParams: { federated: { Whoever: { ‹a: {} } } } }, {});';
    await findsEach(bodies({ parameter }), unknown);
  });

  it('any authenticator is taken of a connection that is not known, but no other connection', async () => {
    const options = [{ idp: 'Whoever', authenticator: null }];
    const subject = { ...unknown, steps: [{ options }, ...payroll.steps.slice(1)] };
    const own =
      "executeStep(1, { authenticationOptions: [{ idp: 'Whoever', authenticator: 'x' }] }, {}); context.steps[1].authenticator == 'x';";
    expect(await compile({ own: afterStep1(own) }, subject)).toEqual({ own: [] });
    await findsEach(bodies({ own: "executeStep(1, { authenticationOptions: [{ ‹idp: 'Whover' }] }, {});" }), subject);
  });

  it('a flow without steps has none to execute', async () => {
    await findsEach(
      { own: 'var onLoginRequest = function (context) { executeStep(‹1); };' },
      { ...payroll, steps: [] },
    );
  });

  it('a server without roles has none to give', async () => {
    await findsEach(bodies({ own: "assignUserRoles(context.subject, [‹'x']);" }), { ...payroll, roles: [] });
  });
});

it('says of what a script sees the type that it has', async () => {
  const google = { outcome: 'success', idp: 'Google', subject: 'g-1', claims: { email: 'g@example.com' } } as const;
  const asGrace = { steps: { '1': [google], '2': [{ outcome: 'success' }] } } as const satisfies Scenario;
  const shown = await Promise.all(
    [ann, asGrace].map(async (scenario) => {
      const script = afterStep1(
        'context.selectedAcr = "a"; context.endpointParams.x = 1; Log.info(JSON.stringify(context));',
      );
      return (await tryScript(script, scenario)).logs[0]?.message;
    }),
  );
  const values = shown.map((json, i) => `const context${i}: Context = ${json};`);
  const anyIn = [
    'type AnyIn<T> = { [K in keyof T]-?: 0 extends 1 & T[K] ? K : never }[keyof T];',
    'type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;',
    'const known: Same<AnyIn<Context & Step<string, string> & ContextRequest & ContextResponse & Log>, never> = true;',
    "const told: Same<AnyIn<User>, 'remoteClaims'> = true;",
  ];
  const answering = [...scriptFunctions.values()].filter(({ internal, name }) => !internal && name !== 'require');
  const answers = answering.map(
    ({ name }) => `const ${name}Says: 0 extends 1 & ReturnType<typeof ${name}> ? false : true = true;`,
  );
  const subject = {
    ...payroll,
    steps: steps.map(({ options }) => ({
      options: options.map((option) =>
        'idp' in option
          ? { idp: option.idp, authenticator: 'OpenIDConnectAuthenticator' }
          : { idp: 'LOCAL', authenticator: option.authenticator },
      ),
    })),
  };
  const found = await compile({ values: [...values, ...anyIn, ...answers].join('\n'), nothing: '' }, subject, {
    ending: 'ts',
  });
  expect(found['values']).toEqual([]);
});

it('offers the groups of this server, though others are taken', () => {
  const typings = writeTypings(payroll);
  expect(typings).toContain('type GroupName = "finance" | (string & {});');
  expect(typings).toContain('groups: readonly GroupName[]');
});

it('tells what each object, member and function is for, what bounds it, and what to use in place of an old one', () => {
  const lines = writeTypings(payroll).split('\n');
  for (const { name, summary, members: all } of scriptObjects) {
    const at = lines.findIndex((line) => new RegExp(`^interface ${name}\\b`).test(line));
    expect(lines[at - 1]).toBe(`/** ${summary} */`);
    for (const member of all) expect(lines).toContain(`  /** ${member.summary} */`);
  }
  for (const fn of scriptFunctions.values()) {
    if (fn.internal) continue;
    const at = lines.findIndex((line) => new RegExp(`^declare function ${fn.name}\\b`).test(line));
    const from = lines.findLastIndex((line, i) => i < at && line.startsWith('/** '));
    const limits = Object.entries(fn.limits ?? {}).map(([name, { value, unit }]) => `${name} ${value} ${unit}`);
    const told = [
      fn.summary,
      ...(limits.length > 0 ? [`Limits: ${limits.join(', ')}.`] : []),
      `In a dry run: ${describeDryRun(fn)}`,
      ...(fn.deprecated === undefined ? [] : [`@deprecated ${fn.deprecated}`]),
    ];
    expect(lines.slice(from, at).join('\n')).toBe(`/** ${told.join('\n * ')} */`);
  }
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
    expect(await compile({ [name]: read(`${name}/script.js`) }, { ...unknown, steps: named })).toEqual({ [name]: [] });
  }
  const examples = [...scriptFunctions.values()].filter(({ internal }) => !internal);
  const found = await compile(Object.fromEntries(examples.map(({ name, example }) => [name, example])), {
    ...unknown,
    connections: payroll.connections,
  });
  expect(found).toEqual(Object.fromEntries(examples.map(({ name }) => [name, []])));
}, 120_000);

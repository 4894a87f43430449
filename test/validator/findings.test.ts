import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { type FindingCode, findingCodes } from '../../src/validator/finding.ts';
import { validateFlow } from '../../src/validator/validate.ts';
import { validateLibrary } from '../../src/validator/validate-library.ts';
import { afterStep1, findingsOf, knowledge, stepsOf } from './knowledge.ts';

type Case = Parameters<typeof findingsOf>;

const login = (body: string) => `var onLoginRequest = function (context) { executeStep(1); executeStep(2); ${body} };`;
const password = { authenticator: 'BasicAuthenticator' };
const totp = { authenticator: 'totp' };
const plain1 = { steps: stepsOf([password]) };
const plain = { steps: stepsOf([password], [totp]) };

/** Libraries of 95 kB, each of which requires the next. */
const longOnes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? 'long' : `long${i}`,
    version: 1,
    source: `${i + 1 < count ? `require('long${i + 1}');` : ''}//`.padEnd(95_000, 'x'),
  }));

/** For each code: what has it, with the place and a part of the mend; and what nearly has it. */
const cases: Record<FindingCode, { has: [why: string, of: Case, like: object][]; nearly: [why: string, of: Case][] }> =
  {
    SCRIPT_SYNTAX: {
      has: [
        [
          'a bracket missing',
          ['var onLoginRequest = function (context) {\n  executeStep(1;\n};', plain],
          { line: 2, column: 16 },
        ],
        ['modules', ["import x from 'y';", plain], { line: 1, column: 1 }],
        ['await at the top', ['await x;', plain], { line: 1 }],
      ],
      nearly: [['sloppy mode', [login('with (context) {} undeclared = 010; delete context.x;'), plain]]],
    },
    SCRIPT_TOO_LONG: {
      has: [['one byte too many', [`${login('')}//`.padEnd(defaultLimits.scriptBytes + 1, 'x'), plain], {}]],
      nearly: [['as long as may be', [`${login('')}//`.padEnd(defaultLimits.scriptBytes, 'x'), plain]]],
    },
    SCRIPT_TOO_DEEP: {
      has: [
        ['brackets', [`${'('.repeat(20_000)}1${')'.repeat(20_000)}`, plain], {}],
        ['a sum', [login(`var x = ${'1+'.repeat(30_000)}1;`), plain], {}],
      ],
      nearly: [['a long sum', [login(`var x = ${'1+'.repeat(200)}1;`), plain]]],
    },
    UNKNOWN_LIBRARY: {
      has: [
        [
          'a wrong name',
          [login("require('rolls.js');"), plain],
          { line: 1, column: 83, mend: expect.stringContaining('roles.js') },
        ],
        ['its other name', [login("loadLocalLibrary('nothing');"), plain], { mend: 'Make the library first.' }],
        ['a name under a name', [login("var name = 'none'; require(name);"), plain], {}],
      ],
      nearly: [
        ['the library’s name', [login("require('roles.js');"), plain]],
        ['without .js', [login("require('roles');"), plain]],
        ['a name that is made while running', [login("require('ro' + context.tenantDomain);"), plain]],
        ['a function of the script’s own', [login("function require() {} require('nothing');"), plain]],
      ],
    },
    UNKNOWN_TEMPLATE: {
      has: [
        ['a wrong name', [login("prompt('term', {});"), plain], { line: 1, mend: 'Did you mean «terms»?' }],
        ['its other name', [login("showPrompt('genericfrom', {});"), plain], { mend: 'Did you mean «genericForm»?' }],
        [
          'a mail of that name',
          [login("sendEmail(context.subject, 'new-devise', {});"), plain],
          { message: 'There is no mail template «new-devise».', mend: 'Did you mean «new-device»?' },
        ],
        [
          'the mail with a code',
          [
            login("executeStep(2, { authenticatorParams: { common: { notificationTemplate: 'new-devise' } } }, {});"),
            plain,
          ],
          { mend: 'Did you mean «new-device»?' },
        ],
        ['a prompt’s name', [login("sendEmail(context.subject, 'genericForm', {});"), plain], { line: 1 }],
      ],
      nearly: [
        ['the template’s name', [login("prompt('terms', {}, {});"), plain]],
        ['one that every server has', [login("prompt('genericForm', {}, {});"), plain]],
        ['the mail that every server has', [login("sendEmail(context.subject, 'UnseenDeviceLogin', {});"), plain]],
        [
          'the usual mail with a code',
          [
            login("executeStep(2, { authenticatorParams: { common: { notificationTemplate: 'EmailOTP' } } }, {});"),
            plain,
          ],
        ],
        ['the mail template’s name', [login("sendEmail(context.subject, 'new-device', {});"), plain]],
        ['a name that is made while running', [login("prompt('te' + context.tenantDomain, {});"), plain]],
      ],
    },
    LIBRARIES_TOO_LONG: {
      has: [['six long ones', [login("require('long');"), { ...plain, libraries: longOnes(6) }], {}]],
      nearly: [
        ['two long ones', [login("require('long');"), { ...plain, libraries: longOnes(2) }]],
        ['six of which one is required', [login("require('long5');"), { ...plain, libraries: longOnes(6) }]],
      ],
    },
    NO_ENTRY: {
      has: [
        [
          'nothing',
          ['executeStep(1); executeStep(2);', plain],
          { line: null, mend: expect.stringContaining('onLoginRequest') },
        ],
        ['another name', ['function onLogin() { executeStep(1); executeStep(2); }', plain], { line: null }],
        [
          'let makes no global',
          ['let onLoginRequest = function () { executeStep(1); executeStep(2); };', plain],
          { line: 1, column: 5 },
        ],
        ['no function', ["var onLoginRequest = 'x'; executeStep(1); executeStep(2);", plain], { line: 1, column: 22 }],
        [
          'within another function',
          ['function f() { function onLoginRequest() { executeStep(1); executeStep(2); } }', plain],
          {},
        ],
        ['switched on, and no script', [null, { ...plain, scriptEnabled: true }], { line: null }],
      ],
      nearly: [
        ['a declaration', ['function onLoginRequest(context) { executeStep(1); executeStep(2); }', plain]],
        ['an arrow', ['var onLoginRequest = (context) => { executeStep(1); executeStep(2); };', plain]],
        ['by name', ['function login() { executeStep(1); executeStep(2); } var onLoginRequest = login;', plain]],
        ['assigned', ['onLoginRequest = function () { executeStep(1); executeStep(2); };', plain]],
        [
          'made by a call',
          ['function make() { return () => { executeStep(1); executeStep(2); }; } var onLoginRequest = make();', plain],
        ],
        ['no script', [null, plain]],
      ],
    },
    UNKNOWN_STEP: {
      has: [
        [
          'too high',
          [login('executeStep(3);'), plain],
          { line: 1, column: 87, endColumn: 88, mend: expect.stringContaining('2 steps') },
        ],
        ['zero', [login('executeStep(0);'), plain], {}],
        ['as text', [login("executeStep('3');"), plain], {}],
        ['no number', [login("executeStep('two');"), plain], {}],
        ['half a step', [login('executeStep(1.5);'), plain], {}],
        ['by name', [`var third = 3; ${login('executeStep(third);')}`, plain], {}],
        ['an object', [login('executeStep({ step: 2 });'), plain], {}],
        ['in a callback', [afterStep1('executeStep(9); executeStep(2);'), plain], { line: 3 }],
      ],
      nearly: [
        ['as text', [login("executeStep('2');"), plain]],
        ['by name', [`var second = 2; ${login('executeStep(second);')}`, plain]],
        ['worked out', [login('executeStep(1 + 1);'), plain]],
      ],
    },
    UNKNOWN_AUTHENTICATOR: {
      has: [
        [
          'in the flow',
          [null, { steps: stepsOf([{ authenticator: 'BasicAuthentcator' }]) }],
          { path: '/steps/0/options/0', mend: 'Did you mean «BasicAuthenticator»?' },
        ],
        [
          'in the script',
          [login("executeStep(1, { authenticationOptions: [{ authenticator: 'pincode-by-pigeon' }] }, {});"), plain],
          { line: 1 },
        ],
      ],
      nearly: [
        ['an alias', [null, { steps: stepsOf([{ authenticator: 'basic' }]) }]],
        [
          'an alias in the script',
          [login("executeStep(1, { authenticationOptions: [{ authenticator: 'basic' }] }, {});"), plain],
        ],
      ],
    },
    UNKNOWN_CONNECTION: {
      has: [
        [
          'in the flow',
          [null, { steps: stepsOf([password], [{ idp: 'Gogle' }]) }],
          { path: '/steps/1/options/0', mend: 'Did you mean «Google»?' },
        ],
        [
          'in the script',
          [login("executeStep(1, { authenticationOptions: [{ idp: 'Elsewhere' }] }, {});"), plain],
          { mend: 'Make the connection first.' },
        ],
      ],
      nearly: [
        ['a space as underscore', [null, { steps: stepsOf([{ idp: 'Partner_IdP' }]) }]],
        ['LOCAL in the script', [login("executeStep(1, { authenticationOptions: [{ idp: 'LOCAL' }] }, {});"), plain]],
      ],
    },
    OPTION_NOT_OFFERED: {
      has: [
        [
          'an authenticator',
          [login("executeStep(1, { authenticationOptions: [{ authenticator: 'totp' }] }, {});"), plain],
          { mend: expect.stringContaining('LOCAL BasicAuthenticator') },
        ],
        [
          'a connection',
          [login("executeStep(1, { authenticationOptions: { '0': { idp: 'Google' } } }, {});"), plain],
          {},
        ],
        [
          'the connection by another door',
          [
            login(
              "executeStep(1, { authenticationOptions: [{ idp: 'Google', authenticator: 'SAMLSSOAuthenticator' }] }, {});",
            ),
            { steps: stepsOf([{ idp: 'Google' }], [totp]) },
          ],
          {},
        ],
      ],
      nearly: [
        [
          'both names',
          [
            login(
              "executeStep(1, { authenticationOptions: [{ idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' }] }, {});",
            ),
            { steps: stepsOf([{ idp: 'Google' }], [totp]) },
          ],
        ],
        [
          'a name that is worked out',
          [login('executeStep(1, { authenticationOptions: [{ authenticator: context.x }] }, {});'), plain],
        ],
        ['a list that is worked out', [login('executeStep(1, { authenticationOptions: context.x }, {});'), plain]],
      ],
    },
    ARGUMENT_COUNT: {
      has: [
        ['too few', [login("hasRole('admin');"), plain], { message: 'hasRole takes 2 arguments, and 1 is given.' }],
        ['too many', [login("hasRole(context.currentKnownSubject, 'a', 'b');"), plain], {}],
        [
          'none for a step',
          [login('executeStep();'), plain],
          { message: 'executeStep takes 1 to 3 arguments, and 0 are given.' },
        ],
        ['by another name', [login('showPrompt();'), plain], {}],
      ],
      nearly: [
        ['as many as may be', [login("prompt('t', {}, { onSuccess: function () {} });"), plain]],
        ['spread', [login('hasRole(...[context.currentKnownSubject, 1]);'), plain]],
        ['a function of the script’s own', [`function hasRole() {} ${login('hasRole();')}`, plain]],
      ],
    },
    ARGUMENT_SHAPE: {
      has: [
        ['a function for callbacks', [login('executeStep(1, function () {});'), plain], { line: 1 }],
        ['a text for options', [login("executeStep(1, 'x', {});"), plain], {}],
        [
          'a text for a person',
          [afterStep1("hasRole('ann', 'admin');"), plain],
          {
            line: 3,
            column: 13,
            endLine: 3,
            endColumn: 18,
            message: 'hasRole: user must be a user object such as context.currentKnownSubject, and "ann" is given.',
            mend: expect.stringContaining('a user object'),
          },
        ],
        ['a text for a list', [afterStep1("hasAnyOfTheRoles(context.subject, 'admin');"), plain], { column: 39 }],
        ['by name', [`var who = 'ann';\n${afterStep1("hasRole(who, 'admin');")}`, plain], { line: 4, column: 13 }],
        ['a list for a text', [afterStep1("hasRole(context.subject, ['admin']);"), plain], { column: 30 }],
        ['a list of objects', [afterStep1('hasAnyOfTheRoles(context.subject, [{}]);'), plain], { column: 39 }],
        ['nothing for a person', [afterStep1("hasRole(null, 'admin');"), plain], { column: 13, endColumn: 17 }],
        ['a function for a text', [afterStep1('hasRole(context.subject, function () {});'), plain], {}],
        ['a text for fail', [afterStep1("fail('no');"), plain], { column: 10 }],
        ['a list for a URL', [afterStep1('sendError([]);'), plain], {}],
        [
          'a number for headers',
          [afterStep1("httpGet('https://a.example', 5, { onSuccess: function () {} });"), plain],
          {},
        ],
      ],
      nearly: [
        ['an object by name', [`var on = {}; ${login('executeStep(1, on);')}`, plain]],
        ['something worked out', [login('executeStep(1, context.x);'), plain]],
        ['numbers for texts', [afterStep1('hasAnyOfTheRoles(context.subject, [1, true]);'), plain]],
        ['worked out in a list', [afterStep1('hasAnyOfTheRoles(context.subject, [f(), ...g]);'), plain]],
        ['null where it may be', [afterStep1('sendError(null, null);'), plain]],
        ['callbacks by name', [`var on = make(); ${afterStep1("httpGet('https://a.example', on);")}`, plain]],
        ['a name with two values', [`var who = 'ann'; who = other; ${afterStep1("hasRole(who, 'admin');")}`, plain]],
      ],
    },
    UNKNOWN_ROLE: {
      has: [
        [
          'misspelt',
          [afterStep1("hasRole(context.subject, 'mangaer');"), plain],
          { line: 3, column: 30, endColumn: 39, mend: 'Did you mean «manager»?' },
        ],
        [
          'in a list',
          [afterStep1("assignUserRoles(context.subject, ['admin', 'nobody']);"), plain],
          { column: 48, mend: expect.stringContaining('/api/v1/roles') },
        ],
        [
          'of a list by name',
          [`var roles = ['nobody'];\n${afterStep1('hasAnyOfTheRoles(context.subject, roles);')}`, plain],
          { line: 1, column: 14 },
        ],
        ['of the organisation alone', [afterStep1("hasAnyOfTheRolesV2(context, ['admin']);"), plain], {}],
      ],
      nearly: [
        ['one that is there', [afterStep1("hasRole(context.subject, 'manager');"), plain]],
        ['of the application', [afterStep1("assignUserRolesV2(context, ['approver']);"), plain]],
        ['worked out', [afterStep1('hasRole(context.subject, context.x);'), plain]],
        ['a group', [afterStep1("isMemberOfAnyOfGroups(context.subject, ['anything']);"), plain]],
      ],
    },
    ADMINISTRATION_ROLE: {
      has: [
        [
          'given',
          [afterStep1("assignUserRoles(context.subject, ['manager', 'admin']);"), plain],
          { line: 3, column: 50, endColumn: 57, mend: expect.stringContaining('Only the API') },
        ],
        ['taken, in other letters', [afterStep1("removeUserRoles(context.subject, ['Owner ']);"), plain], { line: 3 }],
        [
          'in a variable',
          [afterStep1("var r = 'auditor'; assignUserRoles(context.subject, [r]);"), plain],
          { line: 3 },
        ],
      ],
      nearly: [
        ['asked for', [afterStep1("hasRole(context.subject, 'admin');"), plain]],
        ['another', [afterStep1("assignUserRoles(context.subject, ['manager']);"), plain]],
        ['worked out', [afterStep1('assignUserRoles(context.subject, [context.x]);'), plain]],
        ['a role of the application', [afterStep1("isMemberOfAnyOfGroups(context.subject, ['admin']);"), plain]],
      ],
    },
    UNKNOWN_SECRET: {
      has: [
        [
          'misspelt',
          [afterStep1('Log.info(secrets.RISK_KY);'), plain],
          { line: 3, column: 22, endColumn: 29, mend: 'Did you mean «RISK_KEY»?' },
        ],
        [
          'in brackets',
          [afterStep1("Log.info(secrets['other']);"), plain],
          { mend: expect.stringContaining('/secrets') },
        ],
        ['by its name', [afterStep1("getSecretByName('RISK_KY');"), plain], { line: 3, column: 21 }],
        [
          'in a field that names one',
          [
            afterStep1(
              "var m = { url: context.x, apiKeyAlias: 'RISK_KY' }; callChoreo(m, {}, { onSuccess: function () {} });",
            ),
            plain,
          ],
          { line: 3, column: 44, mend: 'Did you mean «RISK_KEY»?' },
        ],
      ],
      nearly: [
        [
          'one that is there',
          [afterStep1("getSecretByName('RISK_KEY') + secrets.RISK_KEY + secrets['RISK_KEY'];"), plain],
        ],
        ['worked out', [afterStep1('Log.info(secrets[context.x], getSecretByName(context.x));'), plain]],
        ['one’s own', [`var secrets = {}; ${afterStep1('secrets.other;')}`, plain]],
        ['of something else', [afterStep1('context.secrets.other;'), plain]],
      ],
    },
    DEPRECATED_FUNCTION: {
      has: [['called', [afterStep1('oldRole();'), plain], { line: 3, column: 5, endColumn: 12, mend: 'Use hasRole.' }]],
      nearly: [['one’s own', [`function oldRole() {} ${afterStep1('oldRole();')}`, plain]]],
    },
    CALL_WITHOUT_HANDLERS: {
      has: [
        [
          'none',
          [afterStep1("httpGet('https://a.example');"), plain],
          { line: 3, column: 5, mend: expect.stringContaining('onSuccess, onFail, onTimeout') },
        ],
        ['headers alone', [afterStep1("httpGet('https://a.example', { accept: 'x' });"), plain], {}],
      ],
      nearly: [
        ['one', [afterStep1("httpGet('https://a.example', { onFail: function () {} });"), plain]],
        ['by name', [afterStep1("var on = { onSuccess: f }; httpGet('https://a.example', on);"), plain]],
        ['a method', [afterStep1("httpGet('https://a.example', { onSuccess() {} });"), plain]],
        ['something worked out', [afterStep1("httpGet('https://a.example', make());"), plain]],
        ['an empty object at the end', [afterStep1("httpGet('https://a.example', {});"), plain]],
        ['none are needed', [afterStep1("hasRole(context.subject, 'admin');"), plain]],
      ],
    },
    PROMISE: {
      has: [
        ['async', [login('(async function () {});'), plain], { mend: expect.stringContaining('onSuccess') }],
        ['async arrow', [login('(async () => {});'), plain], {}],
        ['await', [login('async function f() { await 1; }'), plain], {}],
        ['for await', [login('async function f() { for await (var x of []) {} }'), plain], {}],
        ['Promise', [login('Promise.resolve(1);'), plain], {}],
        ['import()', [login("import('x');"), plain], {}],
      ],
      nearly: [
        ['a property', [login('context.Promise; context.async;'), plain]],
        ['names', [login('var async = 1; var await = 2;'), plain]],
        ['a generator', [login('function* f() { yield 1; }'), plain]],
        ['one’s own', [`var Promise = 1; ${login('Promise;')}`, plain]],
      ],
    },
    OPTIONS_AS_CALLBACKS: {
      has: [
        [
          'two arguments',
          [login('executeStep(1, { authenticatorParams: { common: {} } });'), plain],
          { mend: expect.stringContaining('taken as options') },
        ],
        [
          'among callbacks',
          [login('executeStep(1, { stepOptions: {}, onSuccess: function () {} });'), plain],
          { mend: expect.stringContaining('argument of their own') },
        ],
        [
          'as the third',
          [login('executeStep(1, {}, { stepOptions: {} });'), plain],
          { mend: expect.stringContaining('ignored') },
        ],
      ],
      nearly: [
        ['three arguments', [login('executeStep(1, { stepOptions: {} }, {});'), plain]],
        ['no callbacks', [login('executeStep(1, {});'), plain]],
      ],
    },
    CALLBACKS_AS_OPTIONS: {
      has: [
        [
          'the second of three',
          [login('executeStep(1, { onSuccess: function () {} }, {});'), plain],
          { mend: expect.stringContaining('last argument') },
        ],
      ],
      nearly: [['the last', [login('executeStep(1, {}, { onSuccess: function () {} });'), plain]]],
    },
    READ_ONLY_MEMBER: {
      has: [
        [
          'roles',
          [login("context.currentKnownSubject.roles = ['admin'];"), plain],
          { line: 1, column: 75, endColumn: 108, mend: 'Call assignUserRoles or removeUserRoles.' },
        ],
        ['an element of the list', [login('context.steps[1].subject.roles = [];'), plain], {}],
        [
          'the id under a name',
          [afterStep1("var user = context.subject; user['uniqueId'] = 'x';"), plain1],
          { line: 3 },
        ],
        [
          'a name that callbacks give the same kind of value',
          [
            login(
              'function f() { var user = context.subject; user.identifier = 1; } function g() { var user = null; user = context.lastLoginFailedUser; } function h() { var user = context.steps[2].subject; user.tenantDomain += "x"; }',
            ).replace('var user = null;', 'var user;'),
            plain,
          ],
          { message: expect.stringContaining('«identifier»') },
        ],
        ['somebody who was found', [login('getAssociatedLocalUser(context.subject).roles = [];'), plain], {}],
        ['one of several', [login("getUsersWithClaimValues({ a: 'b' }, context)[0].roles = [];"), plain], {}],
        ['deleting', [login('delete context.subject.roles;'), plain], {}],
        ['counting', [login('context.currentStep++;'), plain], {}],
        [
          'who signs in',
          [afterStep1('context.currentKnownSubject = null;'), plain1],
          { mend: expect.stringContaining('markAsSubjectIdentifierStep') },
        ],
        [
          'the address',
          [login("context.request.ip = '203.0.113.1';"), plain],
          { mend: expect.stringContaining('Take') },
        ],
        ['a context by another name', ['function onLoginRequest(c) { executeStep(1); c.retry = true; }', plain1], {}],
      ],
      nearly: [
        [
          'what is written',
          [
            login(
              "context.subject.username = 'x'; context.selectedAcr = 'y'; delete context.selectedAcr; context.endpointParams.a = 1;",
            ),
            plain,
          ],
        ],
        ['entries', [login('context.subject.localClaims.roles = 1; context.subject.claims.roles = [];'), plain]],
        ['a list of the script’s own', [login("context.subject.roles.push('x');"), plain]],
        ['an object of the script’s own', [login('var user = { roles: [] }; user.roles = [1];'), plain]],
        [
          'a name of two kinds of things',
          [login('var user = context.subject; function f(list) { user = list; } user.roles = 1;'), plain],
        ],
        [
          'a function of the script’s own',
          [login('function getAssociatedLocalUser() { return {}; } getAssociatedLocalUser().roles = 1;'), plain],
        ],
        [
          'more names in a row than are followed',
          [
            login(
              `var u0 = context.subject; ${Array.from({ length: 3000 }, (_, i) => `var u${i + 1} = u${i};`).join(' ')} u3000.roles = 1;`,
            ),
            plain,
          ],
        ],
        ['members of one’s own', [login('context.seen = true; context.subject.note = 1;'), plain]],
      ],
    },
    PARAMETER_NOT_SENT: {
      has: [
        [
          'what no query parameter uses',
          [
            login("executeStep(1, { authenticatorParams: { federated: { 'Partner_IdP': { brnch: 1 } } } }, {});"),
            plain,
          ],
          {
            message: 'Connection «Partner IdP» sends no parameter «brnch».',
            mend: expect.stringContaining('$authparam{brnch}'),
          },
        ],
      ],
      nearly: [
        [
          'what one uses, what every one takes, and what every authenticator does',
          [
            login(
              "executeStep(1, { authenticatorParams: { federated: { 'Partner IdP': { branch: 1, login_hint: 'a', enableRetryFromAuthenticator: true } } } }, {});",
            ),
            plain,
          ],
        ],
        [
          'names that are made while running',
          [login('var p = {}; executeStep(1, { authenticatorParams: { federated: { Google: p } } }, {});'), plain],
        ],
      ],
    },
    OPTION_WITHOUT_EFFECT: {
      has: [
        [
          'a parameter that the authenticator does not read',
          [
            login(
              "executeStep(2, { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlw: 'false' } } } }, {});",
            ),
            plain,
          ],
          { line: 1, mend: 'Did you mean «enrolUserInAuthenticationFlow»?' },
        ],
        [
          'a parameter of another authenticator',
          [login("executeStep(2, { authenticatorParams: { local: { totp: { username: 'ann' } } } }, {});"), plain],
          { mend: expect.stringContaining('enrolUserInAuthenticationFlow, enableRetryFromAuthenticator') },
        ],
        [
          'an authenticator that is not there',
          [login('executeStep(2, { authenticatorParams: { local: { ttp: {} } } }, {});'), plain],
          { mend: 'Did you mean «totp»?' },
        ],
        [
          'a connection that is not there',
          [login('executeStep(1, { authenticatorParams: { federated: { Gogle: { a: 1 } } } }, {});'), plain],
          { mend: 'Did you mean «Google»?' },
        ],
        [
          'a common parameter that nothing reads',
          [login("executeStep(1, { authenticatorParams: { common: { usrname: 'ann' } } }, {});"), plain],
          { mend: 'Did you mean «username»?' },
        ],
        [
          'a list of validators',
          [login("promptIdentifierForStep(1, ['x'], { onSuccess: function () {} });"), plain],
          { message: expect.stringContaining('a list has no effect'), mend: expect.stringContaining('preHandler') },
        ],
        [
          'a validator that nobody calls',
          [login('promptIdentifierForStep(1, { prehandler: function () {} }, { onSuccess: function () {} });'), plain],
          { message: expect.stringContaining('«prehandler»') },
        ],
        [
          'another kind of parameters',
          [login('executeStep(1, { authenticatorParams: { locl: {} } }, {});'), plain],
          { mend: 'Did you mean «local»?' },
        ],
        [
          'misspelt',
          [login('executeStep(1, { authenticatonOptions: [] }, {});'), plain],
          { line: 1, column: 92, mend: expect.stringContaining('Did you mean authenticationOptions?') },
        ],
        [
          'misspelt among the step’s own',
          [login('executeStep(1, { stepOptions: { forceauth: true } }, {});'), plain],
          { mend: expect.stringContaining('Did you mean forceAuth?') },
        ],
      ],
      nearly: [
        [
          'all that have one',
          [
            login(
              'executeStep(1, { stepOptions: { forceAuth: true, provisionUser: false, skipPrompt: true, markAsSubjectAttributeStep: true } }, {});',
            ),
            plain,
          ],
        ],
        [
          'a preHandler, and callbacks without one',
          [
            login(
              'promptIdentifierForStep(1, { preHandler: function (step, context) { return true; } }, { onSkip: function () {} }); promptIdentifierForStep(1, { onSuccess: function () {} });',
            ),
            plain,
          ],
        ],
        [
          'parameters that are read, by every name of their authenticator',
          [
            login(
              "executeStep(2, { authenticatorParams: { local: { basic: { username: 'a' }, EmailOTP: { enableRetryFromAuthenticator: true }, fido: {} }, common: { password: 'x', branch: 1 } } }, {});",
            ),
            plain,
          ],
        ],
        [
          'names that are made while running',
          [login("var o = {}; o['force' + 'Auth'] = true; executeStep(1, { stepOptions: o }, {});"), plain],
        ],
      ],
    },
    CALLBACK_NEVER_FIRES: {
      has: [
        [
          'misspelt',
          [login('executeStep(1, { onSucess: function () {} });'), plain],
          { mend: expect.stringContaining('onSuccess?') },
        ],
        ['of other functions', [login('executeStep(1, { onTimeout: function () {} });'), plain], {}],
        ['other letters', [login('executeStep(1, { onsuccess: function () {} });'), plain], {}],
        [
          'of a step, given to a call',
          [afterStep1("httpGet('https://a.example', { onSuccess: f, onUserAbort: function () {} });"), plain],
          { line: 3, message: 'httpGet never calls «onUserAbort».' },
        ],
      ],
      nearly: [
        [
          'all that there are',
          [
            login(
              'var f = function () {}; executeStep(1, { onSuccess: f, onFail: f, onUserAbort: f, onFallback: f });',
            ),
            plain,
          ],
        ],
        [
          'of a call',
          [afterStep1("httpGet('https://a.example', { onSuccess: f, onFail: f, onTimeout: function () {} });"), plain],
        ],
        ['of a prompt', [login("prompt('x', { onRetry: function () {} });"), plain]],
      ],
    },
    UNKNOWN_FUNCTION: {
      has: [
        ['misspelt', [login('exectueStep(1);'), plain], { mend: 'Did you mean executeStep?' }],
        ['of a browser', [login('setTimeout(function () {}, 1);'), plain], {}],
      ],
      nearly: [
        ['declared', [`function helper() {} ${login('helper();')}`, plain]],
        ['assigned somewhere', [`${login('later();')} later = function () {};`, plain]],
        ['a parameter', [login('[1].forEach(function (f) { f(); });'), plain]],
        ['of the language', [login("parseInt('1', 10); String(1); isNaN(1);"), plain]],
        ['a method', [login('context.anything();'), plain]],
      ],
    },
    UNREACHABLE_STEP: {
      has: [['never named', [afterStep1(''), plain], { path: '/steps/1', line: null }]],
      nearly: [
        ['a number that is worked out', [afterStep1('executeStep(context.next);'), plain]],
        ['the function handed on', [afterStep1('[2].forEach(executeStep);'), plain]],
        ['no script', [null, plain]],
        ['switched off', [afterStep1(''), { ...plain, scriptEnabled: false }]],
      ],
    },
    AUTHENTICATOR_NOT_AVAILABLE: {
      has: [
        [
          'in the flow',
          [null, { steps: stepsOf([password], [{ authenticator: 'fido' }]) }],
          { path: '/steps/1/options/0', message: expect.stringContaining('Passkey') },
        ],
        [
          'in the script',
          [
            login("executeStep(2, { authenticationOptions: [{ authenticator: 'FIDOAuthenticator' }] }, {});"),
            { steps: stepsOf([password], [{ authenticator: 'fido' }]) },
          ],
          { line: 1 },
        ],
      ],
      nearly: [['available', [null, plain]]],
    },
    CONNECTION_DISABLED: {
      has: [['in the flow', [null, { steps: stepsOf([{ idp: 'Old' }]) }], { path: '/steps/0/options/0' }]],
      nearly: [['enabled', [null, { steps: stepsOf([{ idp: 'Google' }]) }]]],
    },
    ACCOUNT_REQUIRED: {
      has: [['JIT off', [afterStep1('executeStep(2);')], { line: 3, column: 5, endColumn: 19 }]],
      nearly: [['JIT on', [afterStep1('executeStep(2);'), { steps: stepsOf([password, { idp: 'Google' }], [totp]) }]]],
    },
  };

describe.each(Object.entries(cases) as [FindingCode, (typeof cases)[FindingCode]][])('%s', (code, { has, nearly }) => {
  test.each(has)('%s', (_why, of, like) => {
    const found = findingsOf(...of).filter((finding) => finding.code === code);
    expect(found).toContainEqual(expect.objectContaining({ severity: findingCodes[code].severity, ...like }));
  });
  test.each(nearly)('not: %s', (_why, of) => {
    expect(findingsOf(...of).filter((finding) => finding.code === code)).toEqual([]);
  });
});

test('a script that is switched off is checked, and stops nothing', () => {
  const broken = findingsOf('var onLoginRequest = ;', { ...plain, scriptEnabled: false });
  expect(broken).toMatchObject([{ code: 'SCRIPT_SYNTAX', severity: 'warning' }]);
  const wrong = findingsOf(login('executeStep(3);'), { ...plain, scriptEnabled: false });
  expect(wrong).toMatchObject([{ code: 'UNKNOWN_STEP', severity: 'warning' }]);
});

test('away from a server the names of connections are not checked', () => {
  const away = { ...knowledge, connections: null };
  const flow = { steps: stepsOf([{ idp: 'Anything' }]), script: null, scriptEnabled: false };
  expect(validateFlow(flow, away)).toEqual([]);
});

test('findings come in the order of the script', () => {
  const lines = findingsOf(login('\nexecuteStep(9);\nexectueStep(1);\nexecuteStep(8);'), plain).map(({ line }) => line);
  expect(lines).toEqual([2, 3, 4]);
});

const scripts = new URL('../../scripts/', import.meta.url);
const authenticators = localDefinitions.filter(({ unavailable }) => !unavailable);

test.each(readdirSync(scripts))('the shipped script %s has no findings', (name) => {
  const script = readFileSync(new URL(`${name}/script.js`, scripts), 'utf8');
  const { items: _, ...flow } = JSON.parse(readFileSync(new URL(`${name}/cases.json`, scripts), 'utf8'));
  expect(validateFlow({ ...flow, script, scriptEnabled: true }, { ...knowledge, authenticators })).toEqual([]);
});

describe('a script with libraries', () => {
  const library = (source: string, name = 'a') => [{ name, version: 1, source }];
  const codes = (body: string, source: string) =>
    findingsOf(`var onLoginRequest = function (context) { ${body} };`, { ...plain, libraries: library(source) }).map(
      ({ code }) => code,
    );

  test('a library may run the steps that the script does not name', () => {
    expect(codes("require('a')();", 'module.exports = function () { executeStep(1); executeStep(2); };')).toEqual([]);
    expect(codes("require('a')();", 'module.exports = function () {};')).toEqual([
      'UNREACHABLE_STEP',
      'UNREACHABLE_STEP',
    ]);
  });

  test('what a library assigns undeclared is defined', () => {
    const body = "require('a'); helper(); executeStep(1); executeStep(2);";
    expect(codes(body, 'helper = function () {};')).toEqual([]);
    expect(codes(body, 'var other = function () {};')).toEqual(['UNKNOWN_FUNCTION']);
  });

  test('what a library lacks is told at the require that leads to it', () => {
    const [finding] = findingsOf(login("require('a');"), { ...plain, libraries: library("\nrequire('b');") });
    expect(finding).toMatchObject({ code: 'UNKNOWN_LIBRARY', severity: 'error', line: 1, column: 83 });
    expect(finding?.message).toBe('Library «a», line 2: there is no script library «b».');
  });

  test('libraries that require each other are read once', () => {
    const libraries = [...library("require('b');"), ...library("require('a'); require('b.js');", 'b')];
    expect(findingsOf(login("require('a');"), { ...plain, libraries })).toEqual([]);
  });
});

describe('a library by itself', () => {
  const validate = (source: string) => validateLibrary(source, knowledge);

  test.each([
    ['exports and a return', "exports.a = function (u) { return hasRole(u, 'admin'); }; return;"],
    ['require of another', "var roles = require('roles');"],
    ['no function onLoginRequest', ''],
  ])('has no findings: %s', (_what, source) => {
    expect(validate(source)).toEqual([]);
  });

  test.each([
    ['SCRIPT_SYNTAX', 'error', 'exports.a = ;', { line: 1, column: 13 }],
    ['SCRIPT_SYNTAX', 'error', '}); leave(); (function () {', { line: 1, column: 1 }],
    ['SCRIPT_SYNTAX', 'error', "import x from 'x';", {}],
    ['SCRIPT_TOO_LONG', 'error', '//'.padEnd(defaultLimits.scriptBytes + 1, 'x'), {}],
    ['PROMISE', 'error', 'exports.a = async function () {};', { line: 1 }],
    ['ARGUMENT_COUNT', 'error', 'hasRole();', {}],
    ['UNKNOWN_LIBRARY', 'warning', "\n  require('later');", { line: 2, column: 11 }],
    ['UNKNOWN_FUNCTION', 'warning', 'nothing();', {}],
  ])('%s is an %s: %s', (code, severity, source, place) => {
    expect(validate(source)).toMatchObject([{ code, severity, ...place }]);
  });
});

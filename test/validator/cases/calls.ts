import { expect } from 'vitest';
import { afterStep1 } from '../knowledge.ts';
import { type Cases, login, plain, plain1 } from './case.ts';

/** How a script calls, and what it does with what it is given. */
export const calls = {
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
        'a function for a name, behind the tenant',
        [login("filterAuthenticators('carbon.super', context.steps[1].options, function () {});"), plain],
        { message: 'filterAuthenticators: exclude must be a text, and a function is given.' },
      ],
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
      ['the id under a name', [afterStep1("var user = context.subject; user['uniqueId'] = 'x';"), plain1], { line: 3 }],
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
      ['the address', [login("context.request.ip = '203.0.113.1';"), plain], { mend: expect.stringContaining('Take') }],
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
        [login("executeStep(1, { authenticatorParams: { federated: { 'Partner_IdP': { brnch: 1 } } } }, {});"), plain],
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
          login('var f = function () {}; executeStep(1, { onSuccess: f, onFail: f, onUserAbort: f, onFallback: f });'),
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
} satisfies Partial<Cases>;

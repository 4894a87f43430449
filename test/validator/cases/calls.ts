import { expect } from 'vitest';
import { afterStep1 } from '../knowledge.ts';
import { type Cases, login, plain, plain1 } from './case.ts';

const namesOf = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `claim${i}: 'x'`).join(', ')} }`;

/** How a script calls, and what it does with what it is given. */
export const calls = {
  ARGUMENT_COUNT: {
    has: [
      [
        'too few',
        [login("hasRole('admin');"), plain],
        "hasRole('admin')",
        { message: 'hasRole takes 2 arguments, and 1 is given.' },
      ],
      [
        'too many',
        [login("hasRole(context.currentKnownSubject, 'a', 'b');"), plain],
        "hasRole(context.currentKnownSubject, 'a', 'b')",
        {},
      ],
      [
        'none for a step',
        [login('executeStep();'), plain],
        'executeStep()',
        { message: 'executeStep takes 1 to 3 arguments, and 0 are given.' },
      ],
      ['by another name', [login('showPrompt();'), plain], 'showPrompt()', {}],
      [
        'over several lines',
        [login("hasRole(\n  'admin'\n);"), plain],
        "hasRole(\n  'admin'\n)",
        { line: 1, endLine: 3 },
      ],
    ],
    nearly: [
      ['as many as may be', [login("prompt('t', {}, { onSuccess: function () {} });"), plain]],
      ['spread', [login('hasRole(...[context.currentKnownSubject, 1]);'), plain]],
      ['a function of the script’s own', [`function hasRole() {} ${login('hasRole();')}`, plain]],
    ],
  },
  ARGUMENT_SHAPE: {
    has: [
      ['a function for callbacks', [login('executeStep(1, function () {});'), plain], 'function () {}', { line: 1 }],
      ['a list for options', [login('executeStep(1, [], {});'), plain], '[]', {}],
      ['a text for options', [login("executeStep(1, 'x', {});"), plain], "'x'", {}],
      [
        'a function for a name, behind the tenant',
        [login("filterAuthenticators('carbon.super', context.steps[1].options, function () {});"), plain],
        'function () {}',
        { message: 'filterAuthenticators: exclude must be a text, and a function is given.' },
      ],
      [
        'more names than a search may have',
        [afterStep1(`getUsersWithClaimValues(${namesOf(11)}, context);`), plain],
        namesOf(11),
        { line: 3, message: 'getUsersWithClaimValues: claims may have at most 10 names, and 11 are given.' },
      ],
      [
        'a text for a person',
        [afterStep1("hasRole('ann', 'admin');"), plain],
        "'ann'",
        {
          line: 3,
          column: 13,
          endLine: 3,
          endColumn: 18,
          message: 'hasRole: user must be a user object such as context.currentKnownSubject, and "ann" is given.',
          mend: expect.stringContaining('a user object'),
        },
      ],
      [
        'a text for a list',
        [afterStep1("hasAnyOfTheRoles(context.subject, 'admin');"), plain],
        "'admin'",
        { column: 39 },
      ],
      ['by name', [`var who = 'ann';\n${afterStep1("hasRole(who, 'admin');")}`, plain], 'who', { line: 4, column: 13 }],
      ['a list for a text', [afterStep1("hasRole(context.subject, ['admin']);"), plain], "['admin']", { column: 30 }],
      ['a list of objects', [afterStep1('hasAnyOfTheRoles(context.subject, [{}]);'), plain], '[{}]', { column: 39 }],
      ['nothing for a person', [afterStep1("hasRole(null, 'admin');"), plain], 'null', { column: 13, endColumn: 17 }],
      ['a function for a text', [afterStep1('hasRole(context.subject, function () {});'), plain], 'function () {}', {}],
      ['a text for fail', [afterStep1("fail('no');"), plain], "'no'", { column: 10 }],
      ['a list for a URL', [afterStep1('sendError([]);'), plain], '[]', {}],
      [
        'a number for headers',
        [afterStep1("httpGet('https://a.example', 5, { onSuccess: function () {} });"), plain],
        '5',
        {},
      ],
    ],
    nearly: [
      ['as many names as a search may have', [afterStep1(`getUsersWithClaimValues(${namesOf(10)}, context);`), plain]],
      ['null for options and callbacks', [login('executeStep(1, null, null);'), plain]],
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
    has: [
      [
        'called',
        [afterStep1('oldRole();'), plain],
        'oldRole',
        { line: 3, column: 5, endColumn: 12, mend: 'Use hasRole.' },
      ],
    ],
    nearly: [['one’s own', [`function oldRole() {} ${afterStep1('oldRole();')}`, plain]]],
  },
  CALL_WITHOUT_HANDLERS: {
    has: [
      [
        'none',
        [afterStep1("httpGet('https://a.example');"), plain],
        "httpGet('https://a.example')",
        { line: 3, column: 5, mend: expect.stringContaining('onSuccess, onFail, onTimeout') },
      ],
      [
        'headers alone',
        [afterStep1("httpGet('https://a.example', { accept: 'x' });"), plain],
        "httpGet('https://a.example', { accept: 'x' })",
        {},
      ],
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
      [
        'async',
        [login('(async function () {});'), plain],
        'async function () {}',
        { mend: expect.stringContaining('onSuccess') },
      ],
      ['async arrow', [login('(async () => {});'), plain], 'async () => {}', {}],
      ['await', [login('async function f() { await 1; }'), plain], ['async function f() { await 1; }', 'await 1'], {}],
      [
        'for await',
        [login('async function f() { for await (var x of []) {} }'), plain],
        ['async function f() { for await (var x of []) {} }', 'for await (var x of []) {}'],
        {},
      ],
      ['Promise', [login('Promise.resolve(1);'), plain], 'Promise', {}],
      ['import()', [login("import('x');"), plain], "import('x')", {}],
    ],
    nearly: [
      ['a property', [login('context.Promise; context.async;'), plain]],
      ['names', [login('var async = 1; var await = 2;'), plain]],
      ['a generator', [login('function* f() { yield 1; }'), plain]],
      ['one’s own', [`var Promise = 1; ${login('Promise;')}`, plain]],
    ],
  },
  READ_ONLY_MEMBER: {
    has: [
      [
        'roles',
        [login("context.currentKnownSubject.roles = ['admin'];"), plain],
        'context.currentKnownSubject.roles',
        { line: 1, column: 75, endColumn: 108, mend: 'Call assignUserRoles or removeUserRoles.' },
      ],
      [
        'an element of the list',
        [login('context.steps[1].subject.roles = [];'), plain],
        'context.steps[1].subject.roles',
        {},
      ],
      [
        'the id under a name',
        [afterStep1("var user = context.subject; user['uniqueId'] = 'x';"), plain1],
        "user['uniqueId']",
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
        ['user.identifier', 'user.tenantDomain'],
        { message: expect.stringContaining('«identifier»') },
      ],
      [
        'somebody who was found',
        [login('getAssociatedLocalUser(context.subject).roles = [];'), plain],
        'getAssociatedLocalUser(context.subject).roles',
        {},
      ],
      [
        'one of several',
        [login("getUsersWithClaimValues({ a: 'b' }, context)[0].roles = [];"), plain],
        "getUsersWithClaimValues({ a: 'b' }, context)[0].roles",
        {},
      ],
      ['deleting', [login('delete context.subject.roles;'), plain], 'context.subject.roles', {}],
      ['counting', [login('context.currentStep++;'), plain], 'context.currentStep', {}],
      [
        'who signs in',
        [afterStep1('context.currentKnownSubject = null;'), plain1],
        'context.currentKnownSubject',
        { mend: expect.stringContaining('markAsSubjectIdentifierStep') },
      ],
      [
        'the address',
        [login("context.request.ip = '203.0.113.1';"), plain],
        'context.request.ip',
        { mend: expect.stringContaining('Take') },
      ],
      [
        'a context by another name',
        ['function onLoginRequest(c) { executeStep(1); c.retry = true; }', plain1],
        'c.retry',
        {},
      ],
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
} satisfies Partial<Cases>;

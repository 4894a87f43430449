import { expect } from 'vitest';
import { afterStep1, stepsOf } from '../knowledge.ts';
import { type Cases, login, password, plain, totp } from './case.ts';

/** What a script or flow names and what is not there, or not for it. */
export const names = {
  UNKNOWN_LIBRARY: {
    has: [
      [
        'a wrong name',
        [login("require('rolls.js');"), plain],
        "'rolls.js'",
        { line: 1, column: 83, mend: expect.stringContaining('roles.js') },
      ],
      [
        'its other name',
        [login("loadLocalLibrary('nothing');"), plain],
        "'nothing'",
        { mend: 'Make the library first.' },
      ],
      ['a name under a name', [login("var name = 'none'; require(name);"), plain], 'name', {}],
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
      ['a wrong name', [login("prompt('term', {});"), plain], "'term'", { line: 1, mend: 'Did you mean «terms»?' }],
      [
        'its other name',
        [login("showPrompt('genericfrom', {});"), plain],
        "'genericfrom'",
        { mend: 'Did you mean «genericForm»?' },
      ],
      [
        'a mail of that name',
        [login("sendEmail(context.subject, 'new-devise', {});"), plain],
        "'new-devise'",
        { message: 'There is no mail template «new-devise».', mend: 'Did you mean «new-device»?' },
      ],
      [
        'the mail with a code',
        [
          login("executeStep(2, { authenticatorParams: { common: { notificationTemplate: 'new-devise' } } }, {});"),
          plain,
        ],
        "'new-devise'",
        { mend: 'Did you mean «new-device»?' },
      ],
      [
        'a prompt’s name',
        [login("sendEmail(context.subject, 'genericForm', {});"), plain],
        "'genericForm'",
        { line: 1 },
      ],
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
  UNKNOWN_STEP: {
    has: [
      [
        'too high',
        [login('executeStep(3);'), plain],
        '3',
        { line: 1, column: 87, endColumn: 88, mend: expect.stringContaining('2 steps') },
      ],
      ['zero', [login('executeStep(0);'), plain], '0', {}],
      ['as text', [login("executeStep('3');"), plain], "'3'", {}],
      ['no number', [login("executeStep('two');"), plain], "'two'", {}],
      ['half a step', [login('executeStep(1.5);'), plain], '1.5', {}],
      ['by name', [`var third = 3; ${login('executeStep(third);')}`, plain], 'third', {}],
      ['an object', [login('executeStep({ step: 2 });'), plain], '{ step: 2 }', {}],
      ['in a callback', [afterStep1('executeStep(9); executeStep(2);'), plain], '9', { line: 3 }],
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
        '/steps/0/options/0',
        { path: '/steps/0/options/0', mend: 'Did you mean «BasicAuthenticator»?' },
      ],
      [
        'in the script',
        [login("executeStep(1, { authenticationOptions: [{ authenticator: 'pincode-by-pigeon' }] }, {});"), plain],
        "{ authenticator: 'pincode-by-pigeon' }",
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
        'beside another option',
        [null, { steps: stepsOf([password, { idp: 'Gogle' }]) }],
        '/steps/0/options/1',
        { mend: 'Did you mean «Google»?' },
      ],
      [
        'in the flow',
        [null, { steps: stepsOf([password], [{ idp: 'Gogle' }]) }],
        '/steps/1/options/0',
        { path: '/steps/1/options/0', mend: 'Did you mean «Google»?' },
      ],
      [
        'in the script',
        [login("executeStep(1, { authenticationOptions: [{ idp: 'Elsewhere' }] }, {});"), plain],
        "{ idp: 'Elsewhere' }",
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
        'nothing by name',
        [login('executeStep(1, { authenticationOptions: [{}] }, {});'), plain],
        '{}',
        { message: 'Step 1 does not offer an option with neither idp nor authenticator.' },
      ],
      [
        'a local authenticator, whichever it is',
        [
          login('executeStep(1, { authenticationOptions: [{ authenticator: context.x }] }, {});'),
          { steps: stepsOf([{ idp: 'Google' }], [totp]) },
        ],
        '{ authenticator: context.x }',
        { message: 'Step 1 does not offer any local authenticator.' },
      ],
      [
        'an authenticator',
        [login("executeStep(1, { authenticationOptions: [{ authenticator: 'totp' }] }, {});"), plain],
        "{ authenticator: 'totp' }",
        { mend: expect.stringContaining('LOCAL BasicAuthenticator') },
      ],
      [
        'a connection',
        [login("executeStep(1, { authenticationOptions: { '0': { idp: 'Google' } } }, {});"), plain],
        "{ idp: 'Google' }",
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
        "{ idp: 'Google', authenticator: 'SAMLSSOAuthenticator' }",
        {},
      ],
    ],
    nearly: [
      [
        'a connection’s authenticator by its older name',
        [
          login(
            "executeStep(1, { authenticationOptions: [{ idp: 'Partner_IdP', authenticator: 'openidconnect' }] }, {});",
          ),
          { steps: stepsOf([{ idp: 'Partner IdP' }, { authenticator: 'basic' }]) },
        ],
      ],
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
  UNKNOWN_ROLE: {
    has: [
      [
        'misspelt',
        [afterStep1("hasRole(context.subject, 'mangaer');"), plain],
        "'mangaer'",
        { line: 3, column: 30, endColumn: 39, mend: 'Did you mean «manager»?' },
      ],
      [
        'in a list',
        [afterStep1("assignUserRoles(context.subject, ['admin', 'nobody']);"), plain],
        "'nobody'",
        { column: 48, mend: expect.stringContaining('/api/v1/roles') },
      ],
      [
        'of a list by name',
        [`var roles = ['nobody'];\n${afterStep1('hasAnyOfTheRoles(context.subject, roles);')}`, plain],
        "'nobody'",
        { line: 1, column: 14 },
      ],
      [
        'of the organisation alone',
        [afterStep1("hasAnyOfTheRolesV2(context, ['admin']);"), plain],
        "'admin'",
        { message: 'hasAnyOfTheRolesV2: The application has no role «admin».' },
      ],
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
        "'admin'",
        { line: 3, column: 50, endColumn: 57, mend: expect.stringContaining('Only the API') },
      ],
      [
        'taken, in other letters',
        [afterStep1("removeUserRoles(context.subject, ['Owner ']);"), plain],
        "'Owner '",
        { line: 3 },
      ],
      [
        'in a variable',
        [afterStep1("var r = 'auditor'; assignUserRoles(context.subject, [r]);"), plain],
        'r',
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
        'RISK_KY',
        { line: 3, column: 22, endColumn: 29, mend: 'Did you mean «RISK_KEY»?' },
      ],
      [
        'in brackets',
        [afterStep1("Log.info(secrets['other']);"), plain],
        "'other'",
        { mend: expect.stringContaining('/secrets') },
      ],
      ['by its name', [afterStep1("getSecretByName('RISK_KY');"), plain], "'RISK_KY'", { line: 3, column: 21 }],
      [
        'in a field that names one',
        [
          afterStep1(
            "var m = { url: context.x, apiKeyAlias: 'RISK_KY' }; callChoreo(m, {}, { onSuccess: function () {} });",
          ),
          plain,
        ],
        "'RISK_KY'",
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
  UNKNOWN_FUNCTION: {
    has: [
      ['misspelt', [login('exectueStep(1);'), plain], 'exectueStep', { mend: 'Did you mean executeStep?' }],
      ['of a browser', [login('setTimeout(function () {}, 1);'), plain], 'setTimeout', {}],
    ],
    nearly: [
      ['declared', [`function helper() {} ${login('helper();')}`, plain]],
      ['assigned somewhere', [`${login('later();')} later = function () {};`, plain]],
      ['a parameter', [login('[1].forEach(function (f) { f(); });'), plain]],
      ['of the language', [login("parseInt('1', 10); String(1); isNaN(1);"), plain]],
      ['a method', [login('context.anything();'), plain]],
    ],
  },
  AUTHENTICATOR_NOT_AVAILABLE: {
    has: [
      [
        'in the flow',
        [null, { steps: stepsOf([password], [{ authenticator: 'fido' }]) }],
        '/steps/1/options/0',
        { path: '/steps/1/options/0', message: expect.stringContaining('Passkey') },
      ],
      [
        'in the script',
        [
          login("executeStep(2, { authenticationOptions: [{ authenticator: 'FIDOAuthenticator' }] }, {});"),
          { steps: stepsOf([password], [{ authenticator: 'fido' }]) },
        ],
        ['/steps/1/options/0', "{ authenticator: 'FIDOAuthenticator' }"],
        { line: 1 },
      ],
    ],
    nearly: [['available', [null, plain]]],
  },
  CONNECTION_DISABLED: {
    has: [
      [
        'in the flow',
        [null, { steps: stepsOf([{ idp: 'Old' }]) }],
        '/steps/0/options/0',
        { path: '/steps/0/options/0' },
      ],
    ],
    nearly: [['enabled', [null, { steps: stepsOf([{ idp: 'Google' }]) }]]],
  },
  ACCOUNT_REQUIRED: {
    has: [['JIT off', [afterStep1('executeStep(2);')], 'executeStep(2)', { line: 3, column: 5, endColumn: 19 }]],
    nearly: [['JIT on', [afterStep1('executeStep(2);'), { steps: stepsOf([password, { idp: 'Google' }], [totp]) }]]],
  },
} satisfies Partial<Cases>;

import { expect } from 'vitest';
import { afterStep1 } from '../knowledge.ts';
import { type Cases, login, plain } from './case.ts';

/** Options and callbacks, and what stands among them. */
export const options = {
  OPTIONS_AS_CALLBACKS: {
    has: [
      [
        'two arguments',
        [login('executeStep(1, { authenticatorParams: { common: {} } });'), plain],
        '{ authenticatorParams: { common: {} } }',
        { mend: expect.stringContaining('taken as options') },
      ],
      [
        'among callbacks',
        [login('executeStep(1, { stepOptions: {}, onSuccess: function () {} });'), plain],
        'stepOptions',
        { mend: expect.stringContaining('argument of their own') },
      ],
      [
        'as the third',
        [login('executeStep(1, {}, { stepOptions: {} });'), plain],
        '{ stepOptions: {} }',
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
        'onSuccess',
        { mend: expect.stringContaining('last argument') },
      ],
    ],
    nearly: [['the last', [login('executeStep(1, {}, { onSuccess: function () {} });'), plain]]],
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
        'enrolUserInAuthenticationFlw',
        { line: 1, mend: 'Did you mean «enrolUserInAuthenticationFlow»?' },
      ],
      [
        'a parameter of another authenticator',
        [login("executeStep(2, { authenticatorParams: { local: { totp: { username: 'ann' } } } }, {});"), plain],
        'username',
        { mend: expect.stringContaining('enrolUserInAuthenticationFlow, enableRetryFromAuthenticator') },
      ],
      [
        'an authenticator that is not there',
        [login('executeStep(2, { authenticatorParams: { local: { ttp: {} } } }, {});'), plain],
        'ttp',
        { mend: 'Did you mean «totp»?' },
      ],
      [
        'a connection that is not there',
        [login('executeStep(1, { authenticatorParams: { federated: { Gogle: { login_hint: 1 } } } }, {});'), plain],
        'Gogle',
        { mend: 'Did you mean «Google»?' },
      ],
      [
        'a common parameter that nothing reads',
        [login("executeStep(1, { authenticatorParams: { common: { usrname: 'ann' } } }, {});"), plain],
        'usrname',
        { mend: 'Did you mean «username»?' },
      ],
      [
        'a list of validators',
        [login("promptIdentifierForStep(1, ['x'], { onSuccess: function () {} });"), plain],
        "['x']",
        { message: expect.stringContaining('a list has no effect'), mend: expect.stringContaining('preHandler') },
      ],
      [
        'a validator that nobody calls',
        [login('promptIdentifierForStep(1, { prehandler: function () {} }, { onSuccess: function () {} });'), plain],
        'prehandler',
        { message: expect.stringContaining('«prehandler»') },
      ],
      [
        'another kind of parameters',
        [login('executeStep(1, { authenticatorParams: { locl: {} } }, {});'), plain],
        'locl',
        { mend: 'Did you mean «local»?' },
      ],
      [
        'misspelt',
        [login('executeStep(1, { authenticatonOptions: [] }, {});'), plain],
        'authenticatonOptions',
        { line: 1, column: 92, mend: expect.stringContaining('Did you mean authenticationOptions?') },
      ],
      [
        'misspelt among the step’s own',
        [login('executeStep(1, { stepOptions: { forceauth: true } }, {});'), plain],
        'forceauth',
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
  PARAMETER_NOT_SENT: {
    has: [
      [
        'what no query parameter uses',
        [login("executeStep(1, { authenticatorParams: { federated: { 'Partner_IdP': { brnch: 1 } } } }, {});"), plain],
        'brnch',
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
  CALLBACK_NEVER_FIRES: {
    has: [
      [
        'misspelt',
        [login('executeStep(1, { onSucess: function () {} });'), plain],
        'onSucess',
        { mend: expect.stringContaining('onSuccess?') },
      ],
      ['of other functions', [login('executeStep(1, { onTimeout: function () {} });'), plain], 'onTimeout', {}],
      ['other letters', [login('executeStep(1, { onsuccess: function () {} });'), plain], 'onsuccess', {}],
      [
        'of a step, given to a call',
        [afterStep1("httpGet('https://a.example', { onSuccess: f, onUserAbort: function () {} });"), plain],
        'onUserAbort',
        {
          line: 3,
          message: 'httpGet never calls «onUserAbort».',
          mend: 'It calls onSuccess, onFail, onTimeout. Did you mean onSuccess?',
        },
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

import { defineFunction, type FunctionLimits } from '../definition.ts';

export const failLimits = {
  text: { value: 500, unit: 'characters', summary: 'Of each text that the application gets; the rest is cut off.' },
} as const satisfies FunctionLimits;

export const fail = defineFunction({
  name: 'fail',
  group: 'steps',
  summary:
    'Ends the sign-in: the application gets the error at its redirect URI. The first verdict stands; nothing more is run.',
  parameters: [
    {
      name: 'error',
      type: 'texts to tell',
      optional: true,
      summary: '`errorCode`, `errorMessage` and `errorURI`, as the application gets them (RFC 6749, section 4.1.2.1).',
    },
  ],
  result: { typescript: 'void', summary: 'Nothing.' },
  limits: failLimits,
  effect: 'steers',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onFail: function (context) {
    fail({ errorCode: 'access_denied', errorMessage: 'Not today.' });
  } });
};`,
});

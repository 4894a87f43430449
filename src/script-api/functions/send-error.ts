import { defineFunction, type FunctionLimits } from '../definition.ts';

export const sendErrorLimits = {
  url: {
    value: 8000,
    unit: 'characters',
    // Longer ones are cut or refused on the way by browsers and proxies.
    summary: 'Of the URL with its parameters; a longer one is not followed, and our own error page is shown.',
  },
} as const satisfies FunctionLimits;

export const sendError = defineFunction({
  name: 'sendError',
  group: 'steps',
  summary:
    'Ends the sign-in at our error page, or at a URL on the list of allowed hosts. The first verdict stands; nothing more is run.',
  parameters: [
    {
      name: 'url',
      type: 'text or null',
      optional: true,
      summary: 'Null or an empty text for our own error page; a path for another page of ours.',
    },
    { name: 'params', type: 'texts to tell', optional: true, summary: 'Added to the URL’s query.' },
  ],
  result: { typescript: 'void', summary: 'Nothing.' },
  limits: sendErrorLimits,
  effect: 'steers',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onFail: function (context) { sendError('', { reason: 'not allowed' }); } });
};`,
});

import { defineFunction } from '../definition.ts';

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
  effect: 'steers',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onFail: function (context) { sendError('', { reason: 'not allowed' }); } });
};`,
});

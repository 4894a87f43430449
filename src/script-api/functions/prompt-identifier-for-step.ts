import { type CallAnswer, defineFunction } from '../definition.ts';
import { promptLimits } from './prompt.ts';

/** Opens the turn in which a `preHandler` is asked. */
export const openPreHandler = defineFunction({
  name: 'preHandler',
  group: 'prompts',
  summary: 'The turn of a page came, and its preHandler is asked.',
  parameters: [],
  result: { typescript: 'void', summary: 'Nothing.' },
  effect: 'reads',
  handlers: 'when given',
  domain: 'computed',
  internal: true,
  example: `var onLoginRequest = function (context) {
  promptIdentifierForStep(1, {
    preHandler: function (step, context) { return checkSessionExistence(step, context); }
  }, {
    onSuccess: function (context) { executeStep(1); },
    onSkip: function (context) { executeStep(1); }
  });
};`,
  run: async (): Promise<CallAnswer> => ({ outcome: 'success', data: null }),
});

/**
 * WSO2's own server knows one validator, `preHandler`, and evaluates no other (ShowPromptNode, GraphBasedSequenceHandler). It
 * looks for it in the last argument (PromptIdentifierFunctionImpl), so that scripts have it among their callbacks, too.
 */
export const promptIdentifierForStep = defineFunction({
  name: 'promptIdentifierForStep',
  group: 'prompts',
  summary:
    'Shows a page that asks who the person is, when its turn comes: `onSuccess` finds the name in `context.request.params.username`, and can hand it to the step as `authenticatorParams`. Where this browser’s session satisfies the step already, or a `preHandler` says true, nobody is asked, and `onSkip` is called, or else `onSuccess`. Nothing is proven by it.',
  parameters: [
    { name: 'step', type: 'number', summary: 'The number of the step that is to follow, from 1.' },
    {
      name: 'validators',
      type: 'prompt validators',
      optional: true,
      summary:
        '`preHandler(step, context)` is called before the page, in place of looking at the session: true spares the person the page. It may stand among the callbacks as well. Nothing else in it is read, here or on WSO2’s own server; the step that follows looks at the name.',
    },
  ],
  result: { typescript: 'void', summary: 'Nothing: the page is shown later.' },
  limits: { text: promptLimits.text },
  effect: 'shows',
  handlers: 'always',
  preHandlerOp: openPreHandler.name,
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  promptIdentifierForStep(1, {
    onSuccess: function (context) {
      var typed = context.request.params.username;
      executeStep(1, { authenticatorParams: { common: { username: typed ? typed[0] : '' } } }, {});
    },
    onSkip: function (context) { executeStep(1); }
  });
};`,
});

import { defineFunction, type FunctionLimits } from '../definition.ts';

/** The identifier's page keeps them, too. */
export const promptLimits = {
  inputs: { value: 20, unit: 'fields', summary: 'Fields of `genericForm`; more is a wrong call.' },
  text: {
    value: 2000,
    unit: 'characters',
    summary:
      'Of each value and label that the script gives, which are cut, and of each answer, which the person is asked to shorten.',
  },
} as const satisfies FunctionLimits;

export const prompt = defineFunction({
  name: 'prompt',
  aliases: ['showPrompt'],
  group: 'prompts',
  summary:
    'Shows a page made of a prompt template, when its turn comes. The button `action.accept` calls `onAccept`, or else `onSuccess`; what was filled in stands in `context.request.params`. Cancelling calls `onUserAbort`, or else `onFail`. A prompt never proves who somebody is.',
  parameters: [
    {
      name: 'template',
      type: 'text',
      summary: 'The name of a prompt template, or `genericForm`, `username` or `internalWait`.',
    },
    {
      name: 'data',
      type: 'object',
      optional: true,
      summary: 'Values for the places of the template; `inputs` (a list of `{id, label}`) for `genericForm`.',
    },
  ],
  result: { typescript: 'void', summary: 'Nothing: the page is shown later.' },
  limits: promptLimits,
  effect: 'shows',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    prompt('genericForm', { inputs: [{ id: 'age', label: 'How old are you?' }] }, {
      onSuccess: function (context) { Log.info(context.request.params.age); }
    });
  } });
};`,
});

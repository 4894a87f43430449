import { defineFunction } from '../definition.ts';

export const promptIdentifierForStep = defineFunction({
  name: 'promptIdentifierForStep',
  group: 'prompts',
  summary:
    'Shows a page that asks who the person is, when its turn comes: `onSuccess` finds the name in `context.request.params.username`, and can hand it to the step as `authenticatorParams`. Where this browser’s session satisfies the step already, nobody is asked, and `onSkip` is called, or else `onSuccess`. Nothing is proven by it.',
  parameters: [
    { name: 'step', type: 'number', summary: 'The number of the step that is to follow, from 1.' },
    {
      name: 'validators',
      type: 'value',
      optional: true,
      summary: 'Taken for the sake of scripts that give them; the step that follows looks at the name.',
    },
  ],
  result: { typescript: 'void', summary: 'Nothing: the page is shown later.' },
  effect: 'shows',
  handlers: 'always',
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

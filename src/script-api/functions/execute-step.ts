import { stepOptions } from '../../../sandbox/protocol.ts';
import { defineFunction } from '../definition.ts';

const effects = Object.entries(stepOptions).map(([name, effect]) => `\`${name}\`: ${effect}`);

export const executeStep = defineFunction({
  name: 'executeStep',
  group: 'steps',
  summary:
    'Runs a step of the flow when its turn comes: what a callback asks for comes before what was already waiting. The callbacks are called with the context once the step has an outcome.',
  parameters: [
    { name: 'step', type: 'number', summary: 'The number of the step in the flow, from 1.' },
    {
      name: 'options',
      type: 'object',
      optional: true,
      summary: `\`authenticationOptions\` (which of the step’s options to offer, such as \`{authenticator: 'totp'}\` or \`{idp: 'Google'}\`), \`authenticatorParams\` (\`{local: {totp: {…}}, federated: {Google: {…}}, common: {…}}\`) and \`stepOptions\` (${effects.join('; ')}).`,
    },
  ],
  result: { typescript: 'void', summary: 'Nothing: the step runs later.' },
  effect: 'steers',
  handlers: 'when given',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) { executeStep(2); },
    onFail: function (context) { sendError(null, {}); }
  });
};`,
});

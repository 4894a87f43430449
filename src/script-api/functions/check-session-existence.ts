import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import { ScriptCallError } from '../read-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const checkSessionExistence = defineFunction({
  name: 'checkSessionExistence',
  group: 'sessions',
  summary:
    'Has the person passed this step by one of its options, in this sign-in or in this browser’s session? What the application demands counts: with prompt=login, or when it is older than max_age, the session has nothing to say.',
  parameters: [
    { name: 'step', type: 'number', summary: 'The number of the step, from 1.' },
    { name: 'context', type: 'context', summary: 'The context.' },
  ],
  result: { typescript: 'boolean', summary: 'True when executeStep would not have to show the step.' },
  effect: 'reads',
  fake: noSessions,
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  if (checkSessionExistence(1, context)) { Log.info('signed in already'); }
  executeStep(1);
};`,
  async run({ sessions }: ScriptWorld, step: number) {
    if (!Number.isInteger(step) || step < 1 || step > sessions.steps) {
      throw new ScriptCallError(
        `checkSessionExistence: the flow has the steps 1 to ${sessions.steps}, and not ${step}.`,
      );
    }
    return sessions.satisfies(step);
  },
});

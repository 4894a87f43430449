import { defineFunction, type FunctionLimits } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import { ScriptCallError } from '../read-arguments.ts';
import { getSubject } from '../session-arguments.ts';
import type { ScriptWorld } from '../world.ts';

const limits = {
  sessionLimit: { value: 9, unit: 'digits', summary: 'Of `sessionLimit`; more is a wrong call.' },
} as const satisfies FunctionLimits;

const wholeNumber = new RegExp(`^\\d{1,${limits.sessionLimit.value}}$`);

export const isWithinSessionLimit = defineFunction({
  name: 'isWithinSessionLimit',
  group: 'sessions',
  summary: 'Has the person fewer sessions in other browsers than this?',
  deprecated: 'the step SessionExecutor, or getUserSessions(user).length',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context.' },
    { name: 'limits', type: 'texts by name', summary: '`sessionLimit` is how many there may be.' },
  ],
  result: { typescript: 'boolean', summary: 'True while there is room for one more.' },
  limits,
  effect: 'reads',
  fake: noSessions,
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (!isWithinSessionLimit(context, { sessionLimit: '3' })) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, _context: true, { sessionLimit = '' }: Record<string, string>) {
    const limit = wholeNumber.test(sessionLimit) ? Number(sessionLimit) : null;
    if (limit === null) throw new ScriptCallError('isWithinSessionLimit: limits.sessionLimit must be a whole number.');
    return (await world.sessions.countOthers(getSubject(world, 'isWithinSessionLimit'))) < limit;
  },
});

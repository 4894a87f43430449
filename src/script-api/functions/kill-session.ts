import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import { getSubject, readSessionId } from '../session-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const killSession = defineFunction({
  name: 'killSession',
  group: 'sessions',
  summary: 'Ends one of the sessions of whoever signs in.',
  deprecated: 'terminateUserSession(user, sessionId)',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context.' },
    { name: 'which', type: 'texts by name', summary: '`sessionID` is the id of the session.' },
  ],
  result: { typescript: 'boolean', summary: 'False when the person has no such session.' },
  effect: 'changes',
  fake: noSessions,
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    killSession(context, { sessionID: 'session_of_the_lost_phone' });
  } });
};`,
  async run(world: ScriptWorld, _context: true, which: Record<string, string>) {
    const id = which['sessionID'] ?? which['sessionId'];
    return world.sessions.end(getSubject(world, 'killSession'), readSessionId('killSession', id));
  },
});

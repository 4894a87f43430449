import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import { readSessionId } from '../session-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const terminateUserSession = defineFunction({
  name: 'terminateUserSession',
  group: 'sessions',
  summary:
    'Ends one of the person’s sessions at once, with the tokens of its sign-ins. Whoever ends the session that this very sign-in relies on ends the sign-in.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'sessionId', type: 'value', summary: 'The id of the session, or one of those of getUserSessions.' },
  ],
  result: { typescript: 'boolean', summary: 'False when the person has no such session.' },
  effect: 'changes',
  fake: noSessions,
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var user = context.currentKnownSubject;
    terminateUserSession(user, 'session_of_the_lost_phone');
    getUserSessions(user).slice(2).forEach(function (session) { terminateUserSession(user, session); });
  } });
};`,
  async run(world: ScriptWorld, ref: string, session: unknown) {
    return world.sessions.end(ref, readSessionId('terminateUserSession', session));
  },
});

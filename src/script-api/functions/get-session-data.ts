import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import { getSubject } from '../session-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const getSessionData = defineFunction({
  name: 'getSessionData',
  group: 'sessions',
  summary: 'The sessions of whoever signs in, by their ids.',
  deprecated: 'getUserSessions(user)',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context.' },
    { name: 'options', type: 'object', summary: 'Nothing is read from it.', optional: true },
  ],
  result: {
    typescript:
      'Record<string, { sessionID: string; timestamp: string; userAgent: string; ipAddress: string; serviceProvider: string }>',
    summary: 'Each with the time of its beginning (milliseconds, as a text) and the application that it began with.',
  },
  effect: 'reads',
  fake: noSessions,
  domain: {
    open: [
      {},
      {
        'a session': {
          sessionID: 'a session',
          timestamp: '0',
          userAgent: '',
          ipAddress: '203.0.113.7',
          serviceProvider: '',
        },
      },
    ],
  },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (Object.keys(getSessionData(context)).length > 3) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld) {
    const sessions = await world.sessions.list(getSubject(world, 'getSessionData'));
    return Object.fromEntries(
      sessions.map(({ id, loginTime, userAgent, ip, applications }) => [
        id,
        {
          sessionID: id,
          timestamp: String(loginTime),
          userAgent: userAgent.rawString,
          ipAddress: ip,
          serviceProvider: applications[0]?.appName ?? '',
        },
      ]),
    );
  },
});

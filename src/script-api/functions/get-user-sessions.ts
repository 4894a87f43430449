import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import type { ScriptWorld } from '../world.ts';

export const getUserSessions = defineFunction({
  name: 'getUserSessions',
  group: 'sessions',
  summary:
    'The browsers in which the person is signed in, the newest sign-in first. Times are milliseconds since the epoch; this browser is among them if it has a session already.',
  parameters: [{ name: 'user', type: 'user', summary: 'The person.' }],
  result: {
    typescript:
      '{ id: string; ip: string; loginTime: number; lastAccessTime: number; userAgent: { rawString: string; raw: string; browser: string; platform: string; device: string }; applications: { subject: string; appName: string; appId: string }[] }[]',
    summary: 'The sessions; an empty list where there are none.',
  },
  effect: 'reads',
  fake: noSessions,
  domain: {
    open: [
      [],
      [
        {
          id: 'a session',
          ip: '203.0.113.7',
          loginTime: 0,
          lastAccessTime: 0,
          userAgent: { rawString: '', raw: '', browser: '', platform: '', device: '' },
          applications: [],
        },
      ],
    ],
  },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (getUserSessions(context.currentKnownSubject).length > 3) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string) {
    const sessions = await world.sessions.list(ref);
    return sessions.map(({ userAgent, ...session }) => ({
      ...session,
      userAgent: { ...userAgent, raw: userAgent.rawString },
    }));
  },
});

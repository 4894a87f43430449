import { defineFunction } from '../definition.ts';
import { noSessions } from '../fakes.ts';
import type { ScriptWorld } from '../world.ts';

export const getAuthenticatedApplications = defineFunction({
  name: 'getAuthenticatedApplications',
  group: 'sessions',
  summary:
    'The applications that the person is signed in to with this browser’s session, in the order of their first sign-in. The application of this sign-in is among them only if it was signed in to before.',
  parameters: [{ name: 'context', type: 'context', summary: 'The context.' }],
  result: {
    typescript: '{ subject: string; appName: string; appId: string }[]',
    summary: 'The applications; an empty list without a session.',
  },
  effect: 'reads',
  fake: noSessions,
  domain: { open: [[], [{ subject: 'somebody', appName: 'another', appId: 'app_another' }]] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var names = getAuthenticatedApplications(context).map(function (application) { return application.appName; });
    if (names.indexOf('Payroll') < 0) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld) {
    return world.sessions.applications();
  },
});

import { defineFunction } from '../definition.ts';
import { eventParameters, type Metadata, type Payload, readEvent } from '../http/analytics.ts';
import { callIntegration } from '../http/integration.ts';
import { callLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';

export const callAnalytics = defineFunction({
  name: 'callAnalytics',
  group: 'integrations',
  summary:
    'Sends an event to the analytics server that STEPGATE_ANALYTICS_URL names, by POST, and gets its answer with the handlers of httpPost.',
  parameters: eventParameters,
  result: { typescript: 'void', summary: 'Nothing: the handlers get the answer.' },
  limits: callLimits,
  effect: 'asks',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var user = context.currentKnownSubject;
    callAnalytics({ Application: 'RiskBasedLogin', InputStream: 'SignIn' }, { username: user.username, ip: context.request.ip }, {
      onSuccess: function (context, data) { if (!data.event || data.event.riskScore > 0) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  check(...args: [Metadata, Payload]) {
    readEvent('callAnalytics', ...args);
  },
  run(outside: Outside, ...args: [Metadata, Payload]) {
    return callIntegration(outside, 'analytics', readEvent('callAnalytics', ...args));
  },
});

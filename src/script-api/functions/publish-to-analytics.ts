import { defineFunction } from '../definition.ts';
import { eventParameters, type Metadata, type Payload, readEvent } from '../http/analytics.ts';
import { callIntegration } from '../http/integration.ts';
import { tellLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';

export const publishToAnalytics = defineFunction({
  name: 'publishToAnalytics',
  group: 'integrations',
  summary:
    'Sends an event to the analytics server that STEPGATE_ANALYTICS_URL names, and waits for nothing: the sign-in goes on at once, also when the server is down. It is sent at least once: again, with the same Idempotency-Key, where the server here died meanwhile. The log tells of events that did not arrive.',
  parameters: [...eventParameters, { name: 'context', type: 'context', optional: true, summary: 'The context.' }],
  result: { typescript: 'void', summary: 'Nothing.' },
  limits: tellLimits,
  effect: 'tells',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var event = { username: context.currentKnownSubject.username, ip: context.request.ip };
    publishToAnalytics({ Application: 'RiskBasedLogin', InputStream: 'SignIn' }, event, context);
  } });
};`,
  check(...args: [Metadata, Payload]) {
    const [metadata, payload] = args;
    readEvent('publishToAnalytics', metadata, payload);
  },
  run(outside: Outside, metadata: Metadata, payload: Payload) {
    return callIntegration(outside, 'analytics', readEvent('publishToAnalytics', metadata, payload));
  },
});

import { defineFunction } from '../definition.ts';
import { callEndpoint, type HttpCall, readHttpCall } from '../http/call.ts';
import { requestHeaders } from '../http/headers.ts';
import { getLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';

type Headers = Record<string, string>;
type Properties = Record<string, unknown>;

export const httpGet = defineFunction({
  name: 'httpGet',
  group: 'HTTP',
  summary:
    'Asks an endpoint by GET. `onSuccess` gets the data of a 2xx answer: what its JSON says, or `{response}` with a plain text. Anything else is `onFail`, and no answer in time `onTimeout`. Redirects are not followed.',
  parameters: [
    { name: 'url', type: 'text', summary: 'An absolute URL of a host in STEPGATE_EGRESS_HOSTS.' },
    requestHeaders,
    {
      name: 'authConfig',
      type: 'object',
      optional: true,
      secret: true,
      summary:
        '`type` (basic, bearer, apikey or clientcredential) and its `properties`; values can be secrets such as `secrets.RISK_KEY`.',
    },
  ],
  result: { typescript: 'void', summary: 'Nothing: the handlers get the answer.' },
  limits: getLimits,
  effect: 'asks',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    httpGet('https://risk.example.com/score?user=' + encodeURIComponent(context.currentKnownSubject.username), {
      onSuccess: function (context, data) { if (data.score > 50) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  check(...args: [string, Headers?, Properties?]) {
    read(...args);
  },
  run(outside: Outside, ...args: [string, Headers?, Properties?]) {
    return callEndpoint(outside, read(...args));
  },
});

function read(url: string, headers?: Headers, authConfig?: Properties): HttpCall {
  return readHttpCall('httpGet', { method: 'GET', url, headers, authConfig });
}

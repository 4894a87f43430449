import { defineFunction } from '../definition.ts';
import { callEndpoint, type HttpCall, readHttpCall } from '../http/call.ts';
import { requestHeaders } from '../http/headers.ts';
import { callLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';

type Headers = Record<string, string>;
type Properties = Record<string, unknown>;

export const httpPost = defineFunction({
  name: 'httpPost',
  group: 'HTTP',
  summary:
    'Asks an endpoint by POST, with the handlers of httpGet. It is sent once; only a crash of this server can send it again, with the same `Idempotency-Key`.',
  parameters: [
    { name: 'url', type: 'text', summary: 'An absolute URL of a host in STEPGATE_EGRESS_HOSTS.' },
    {
      name: 'body',
      type: 'value',
      optional: true,
      summary: 'Sent as JSON, or as a form where the header Content-Type says so; a text is sent as it is.',
    },
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
  limits: callLimits,
  effect: 'asks',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    httpPost('https://risk.example.com/score', { user: context.currentKnownSubject.username, ip: context.request.ip }, {
      onSuccess: function (context, data) { if (data.score > 50) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  check(...args: [string, unknown?, Headers?, Properties?]) {
    read(...args);
  },
  run(outside: Outside, ...args: [string, unknown?, Headers?, Properties?]) {
    return callEndpoint(outside, read(...args));
  },
});

function read(url: string, body?: unknown, headers?: Headers, authConfig?: Properties): HttpCall {
  return readHttpCall('httpPost', { method: 'POST', url, body, headers, authConfig });
}

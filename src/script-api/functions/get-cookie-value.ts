import { readDemand } from '../cookie.ts';
import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const getCookieValue = defineFunction({
  name: 'getCookieValue',
  group: 'cookies',
  summary:
    'A cookie that the browser brought when the sign-in began. Null where there is none, where it was changed, moved to another name or is over, and where it was not encrypted or signed as the options demand.',
  parameters: [
    { name: 'request', type: 'request', summary: 'The request: `context.request`.' },
    { name: 'name', type: 'text', summary: 'The name.' },
    {
      name: 'options',
      type: 'object',
      summary: '`decrypt` for one that was set with `encrypt`, `validateSignature` for one that was set with `sign`.',
      optional: true,
    },
  ],
  result: { typescript: 'string | null', summary: 'The value as it was set.' },
  effect: 'reads',
  domain: { open: [null] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var device = getCookieValue(context.request, 'trusted_device', { decrypt: true, validateSignature: true });
    if (device !== context.currentKnownSubject.uniqueId) { executeStep(2); }
  } });
};`,
  async run({ cookies }: ScriptWorld, _request: true, name: string, options?: Record<string, unknown>) {
    return cookies.get(name, readDemand(options));
  },
});

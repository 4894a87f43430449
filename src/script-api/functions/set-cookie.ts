import { cookieLimits, readCookie } from '../cookie.ts';
import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const setCookie = defineFunction({
  name: 'setCookie',
  group: 'cookies',
  summary:
    'Gives the browser a cookie with the next page or redirect. It is for this server alone, for its pages (HttpOnly), SameSite=Lax, and ends with the browser, unless the options say otherwise. Signed or encrypted ones are worth nothing after their max-age.',
  parameters: [
    { name: 'response', type: 'response', summary: 'The response: `context.response`.' },
    { name: 'name', type: 'text', summary: 'The name; those that begin with sg_ belong to the server.' },
    { name: 'value', type: 'text', summary: 'Any text.' },
    {
      name: 'options',
      type: 'object',
      summary:
        '`sign` and `encrypt` (false), `domain`, `path` (/), `max-age` in seconds, `httpOnly` (true), `secure` (true over https), `sameSite` (Lax).',
      optional: true,
    },
  ],
  result: { typescript: 'void', summary: 'Nothing.' },
  limits: cookieLimits,
  effect: 'changes',
  domain: [null],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    setCookie(context.response, 'trusted_device', context.currentKnownSubject.uniqueId, {
      sign: true, encrypt: true, 'max-age': 30 * 24 * 60 * 60
    });
  } });
};`,
  async run(world: ScriptWorld, _response: true, name: string, value: string, options?: Record<string, unknown>) {
    await world.cookies.set(readCookie(name, value, options));
    return null;
  },
});

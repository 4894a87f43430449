import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOutside } from '../../src/calls/outside.ts';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Facts } from '../../src/login/facts.ts';
import { readPrompt } from '../../src/login/read-prompt.ts';
import { createCookies } from '../../src/login/script-cookies.ts';
import { findPasswordFault } from '../../src/login/script-passwords.ts';
import { createTypedFields } from '../../src/login/typed.ts';
import { cookieLimits, readCookie } from '../../src/script-api/cookie.ts';
import type { FunctionLimit } from '../../src/script-api/definition.ts';
import { callElastic } from '../../src/script-api/functions/call-elastic.ts';
import { failLimits } from '../../src/script-api/functions/fail.ts';
import { getUsersWithClaimValues } from '../../src/script-api/functions/get-users-with-claim-values.ts';
import { isWithinSessionLimit } from '../../src/script-api/functions/is-within-session-limit.ts';
import { promptLimits } from '../../src/script-api/functions/prompt.ts';
import { sendEmail } from '../../src/script-api/functions/send-email.ts';
import { sendErrorLimits } from '../../src/script-api/functions/send-error.ts';
import { updateUserPassword } from '../../src/script-api/functions/update-user-password.ts';
import { callEndpoint } from '../../src/script-api/http/call.ts';
import { parseJson } from '../../src/script-api/http/json.ts';
import { callLimits, getLimits, jsonLimits, tellLimits } from '../../src/script-api/http/limits.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { ScriptCallError } from '../../src/script-api/read-arguments.ts';
import type { ScriptWorld } from '../../src/script-api/world.ts';
import { openFixture } from '../authenticators/fixture.ts';
import { createEndpoint } from '../stories/endpoint.ts';
import { tryScript } from './world.ts';

const text = (length: number) => 'x'.repeat(length);

/** What is called at the limit and beyond it. */
const refuses = (call: (size: number) => unknown) => async (limit: FunctionLimit) => {
  expect(() => call(limit.value)).not.toThrow();
  expect(() => call(limit.value + 1)).toThrow(ScriptCallError);
};
/** The same for a call that a script makes after step 1. */
const refusesCall = (call: (size: number) => string) => async (limit: FunctionLimit) => {
  const play = (size: number) =>
    tryScript(
      `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { ${call(size)}; } }); }`,
    );
  expect((await play(limit.value)).outcome.code).not.toBe('SCRIPT_ERROR');
  expect((await play(limit.value + 1)).outcome.code).toBe('SCRIPT_ERROR');
};

/** The real way out, to a real endpoint. */
async function openEndpoint() {
  const fixture = await openFixture();
  const endpoint = await createEndpoint();
  const { fetch, close } = createGuardedFetch({
    allowedHosts: [new URL(endpoint.url).hostname],
    allowLoopbackForDevelopment: true,
    withoutList: 'nobody',
  });
  onTestFinished(async () => {
    await close();
    await endpoint.close();
  });
  const typed = createTypedFields(fixture);
  const open = createOutside({ ...fixture, fetch, integrations: { analytics: null, elastic: null }, typed });
  const outside = open({ loginId: newId('login'), seq: 1, beganAt: 0, signal: new AbortController().signal });
  const get = () =>
    callEndpoint(outside, { method: 'GET', url: endpoint.url, headers: {}, body: undefined, auth: null });
  return { endpoint, get };
}

/** A cookie in the journal, and what a line of it has besides its value. */
const earlier = { args: JSON.stringify([null, 'a', text(4000)]), at: 0 };
const besides = 'a=; Path=/; HttpOnly; SameSite=Lax'.length;

const cases: [name: string, limit: FunctionLimit, holds: (limit: FunctionLimit) => Promise<void>][] = [
  ['a cookie’s name', cookieLimits.name, refuses((size) => readCookie(text(size), ''))],
  ['a cookie', cookieLimits.cookie, refuses((size) => readCookie('n', text(size - 1)))],
  ['a cookie’s path', cookieLimits.path, refuses((size) => readCookie('n', '', { path: `/${text(size - 1)}` }))],
  ['a cookie’s domain', cookieLimits.domain, refuses((size) => readCookie('n', '', { domain: text(size) }))],
  [
    'a cookie’s age',
    cookieLimits.age,
    async ({ value }) => {
      const ages = [value, value + 1].map((age) => readCookie('n', '', { 'max-age': age }).maxAge);
      expect(ages).toEqual([value, value]);
    },
  ],
  [
    'all cookies of a sign-in',
    cookieLimits.all,
    async ({ value }) => {
      const { box } = await openFixture();
      const facts = { cookies: [earlier] } as unknown as Facts;
      const cookies = createCookies({ facts, box, publicUrl: 'http://localhost', now: 0 });
      const left = value - 4000 - 1 - 2 * besides;
      const set = (length: number) => cookies.set({ ...readCookie('b', ''), value: text(length) });
      await expect(set(left)).resolves.toBeUndefined();
      await expect(set(left + 1)).rejects.toThrow(ScriptCallError);
    },
  ],
  [
    'an answer',
    callLimits.answerBytes,
    async ({ value }) => {
      const { endpoint, get } = await openEndpoint();
      const answers = (length: number) =>
        endpoint.answers((_asked, response) => response.setHeader('content-type', 'text/plain').end(text(length)));
      answers(value);
      expect(await get()).toMatchObject({ outcome: 'success' });
      answers(value + 1);
      expect(await get()).toMatchObject({ outcome: 'fail', failure: { code: 'EGRESS_TOO_LARGE' } });
    },
  ],
  [
    'the time of a request',
    callLimits.requestTime,
    async ({ value }) => {
      const { endpoint, get } = await openEndpoint();
      endpoint.answers(() => {});
      const detail = expect.stringContaining(`longer than ${value} ms`);
      expect(await get()).toMatchObject({ outcome: 'timeout', failure: { code: 'EGRESS_TIMEOUT', detail } });
    },
  ],
  [
    'asking again',
    getLimits.retries,
    async ({ value }) => {
      const { endpoint, get } = await openEndpoint();
      endpoint.says({}, 503);
      expect(await get()).toMatchObject({ outcome: 'fail' });
      expect(endpoint.asked).toHaveLength(1 + value);
    },
  ],
  [
    'the depth of JSON',
    jsonLimits.depth,
    async ({ value }) => {
      const nested = (depth: number) => parseJson('['.repeat(depth) + ']'.repeat(depth));
      expect(nested(value)).toHaveProperty('value');
      expect(nested(value + 1)).toHaveProperty('problem');
    },
  ],
  [
    'a duration',
    callElastic.limits.digits,
    refusesCall((size) => `callElastic({ username: 'ann', duration: '${'1'.repeat(size)}m' }, {})`),
  ],
  [
    'a number of sessions',
    isWithinSessionLimit.limits.sessionLimit,
    refusesCall((size) => `isWithinSessionLimit(context, { sessionLimit: '${'1'.repeat(size)}' })`),
  ],
  [
    'people found',
    getUsersWithClaimValues.limits.found,
    async ({ value }) => {
      const everybody = Array.from({ length: value + 1 }, (_, i) => `user-${i}`);
      const people = { search: async (_claims: unknown, limit: number) => everybody.slice(0, limit) };
      const found = await getUsersWithClaimValues.run({ people } as unknown as ScriptWorld, { department: 'sales' });
      expect(found).toHaveLength(value);
    },
  ],
  [
    'the fields of a form',
    promptLimits.inputs,
    refuses((size) => {
      const inputs = Array.from({ length: size }, (_, i) => ({ id: `f${i}` }));
      return readPrompt({ op: 'prompt', args: JSON.stringify(['genericForm', { inputs }]) }, { steps: [] });
    }),
  ],
  [
    'a text of a prompt',
    promptLimits.text,
    async ({ value }) => {
      const said = { note: text(value + 1), inputs: [{ id: 'a', label: text(value + 1) }] };
      const { data, template } = readPrompt(
        { op: 'prompt', args: JSON.stringify(['genericForm', said]) },
        { steps: [] },
      );
      expect([data['note'], template.fields?.[0]?.label]).toEqual([text(value), text(value)]);
    },
  ],
  [
    'a text for the application',
    failLimits.text,
    async ({ value }) => {
      const { outcome } = await tryScript(
        `function onLoginRequest() { fail({ errorMessage: 'x'.repeat(${value + 1}) }); }`,
      );
      expect(outcome.application).toMatchObject({ errorDescription: text(value) });
    },
  ],
  [
    'a URL to lead to',
    sendErrorLimits.url,
    async ({ value }) => {
      const origin = 'https://a.example/';
      const leads = async (length: number) =>
        (
          await tryScript(
            `function onLoginRequest() { sendError('${origin}' + 'x'.repeat(${length - origin.length})); }`,
          )
        ).outcome.redirect?.length ?? null;
      expect([await leads(value), await leads(value + 1)]).toEqual([value, null]);
    },
  ],
  [
    'a short password',
    updateUserPassword.limits.shortest,
    async ({ value }) => {
      const fault = (length: number) => findPasswordFault('zq7vkw2mxp'.slice(0, length), [], false)?.code ?? null;
      expect([fault(value), fault(value - 1)]).toEqual([null, 'PASSWORD_TOO_SHORT']);
    },
  ],
  [
    'a long password',
    updateUserPassword.limits.longest,
    async ({ value }) => {
      const fault = (length: number) => findPasswordFault(text(length), [], true)?.code ?? null;
      expect([fault(value), fault(value + 1)]).toEqual([null, 'VALIDATION_FAILED']);
    },
  ],
];

/** What only a whole server shows: where it is shown, by the limit's name. */
const shownElsewhere: [limit: FunctionLimit, file: string, name: string][] = [
  [callLimits.begins, 'stories/held-requests.test.ts', 'callLimits.begins.value'],
  [tellLimits.time, 'login/tell.test.ts', 'tellLimits.time.value'],
  [tellLimits.kept, 'login/tell.test.ts', 'tellLimits.kept.value'],
  [sendEmail.limits.mails, 'stories/script-mails.test.ts', 'sendEmail.limits.mails.value'],
];

const limits = [...scriptFunctions.values()].flatMap(({ name: fn, limits = {} }) =>
  Object.entries(limits).map(([name, limit]: [string, FunctionLimit]) => ({ name: `${fn}: ${name}`, limit })),
);

describe('a limit that a definition states is the one that is kept', () => {
  it.each(cases)('of %s', (_name, limit, holds) => holds(limit), 15_000);

  it.each(limits)('$name', ({ limit }) => {
    const elsewhere = shownElsewhere.find(([each]) => each === limit);
    if (elsewhere) {
      const [, file, name] = elsewhere;
      expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toContain(name);
    } else expect(cases.map(([, each]) => each)).toContain(limit);
    expect(limit.summary).toMatch(/^[A-Z].*\.$/);
    expect(limit.value).toBeGreaterThan(0);
  });
});

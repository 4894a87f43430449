import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExplore } from '../../src/lab/explore/explore.ts';
import { authenticators, createLab, limits } from '../lab/explore/world.ts';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

/* Wherever the API shows a flow in which somebody without an account can come to a factor, it says so, why, and what to do. */

const { pool } = createLab();
const explore = createExplore({ pool, limits, authenticators });
afterAll(() => pool.close());

const both = 'function onLoginRequest() { executeStep(1); executeStep(2); }';
const skipping =
  "function onLoginRequest() { executeStep(1, { stepOptions: { provisionUser: 'false' } }, {}); executeStep(2); }";
const steps = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }] },
];

let world: World;
let at: string;
let connection: string;
beforeEach(async () => {
  world = await createWorld({ deps: { explore } });
  connection = `/connections/${(await world.call('POST', '/connections', aConnection)).body.id}`;
  at = `/applications/${(await world.call('POST', '/applications', anApplication)).body.id}`;
});
afterEach(() => world.close());

const off = { jit: { enabled: false } };
const linksOnly = { jit: { linking: { enabled: true, skipJitOnNoMatch: true } } };

interface Warning {
  code: string;
  message: string;
  mend: string;
}

/** The one finding is this warning: what was found, how it was found, and both mends. */
function expectOnly([warning, ...others]: Warning[], { cause, mend }: { cause: string; mend: string }): void {
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ severity: 'warning', code: 'ACCOUNT_REQUIRED' });
  expect(warning?.message).toContain(cause);
  expect(warning?.message).toMatch(/«TOTP».*Every path was tried/);
  expect(warning?.mend.startsWith(`${mend}, or skip the factor in the script`)).toBe(true);
}

describe.each<[string, { patch: object | null; script: string; cause: string; mend: string }]>([
  [
    'JIT provisioning is off',
    { patch: off, script: both, cause: 'JIT provisioning is off', mend: 'Turn JIT provisioning on for «Google»' },
  ],
  [
    'only people whom a linking rule fits have an account',
    {
      patch: linksOnly,
      script: both,
      cause: 'skipJitOnNoMatch',
      mend: 'Turn jit.linking.skipJitOnNoMatch off for «Google»',
    },
  ],
  [
    'the script skips provisioning',
    { patch: null, script: skipping, cause: 'provisionUser is false', mend: 'Leave provisionUser out' },
  ],
])('Where %s, the warning stands', (_why, { patch, script, cause, mend }) => {
  const expectWarning = ({ body }: { body: { findings: Warning[] } }) => expectOnly(body.findings, { cause, mend });

  test('in what is checked, saved, read and published, which it does not keep from being published', async () => {
    if (patch) await world.call('PATCH', connection, patch);
    const flow = { steps, script };
    expectWarning(await world.call('POST', `${at}/validate`, flow));
    expectWarning(await world.call('PUT', `${at}/sign-in-flow`, flow));
    expectWarning(await world.call('GET', `${at}/sign-in-flow`));
    const published = await world.call('POST', `${at}/sign-in-flow/publish`, {});
    expect(published.status).toBe(200);
    expectWarning(published);
  });
});

test.each([
  ['JIT provisioning is turned off', off, 'JIT provisioning is off', 'Turn JIT provisioning on for «Google»'],
  [
    'only linked people are to have an account',
    linksOnly,
    'skipJitOnNoMatch',
    'Turn jit.linking.skipJitOnNoMatch off for «Google»',
  ],
])(
  'when %s, the answer lists the applications, with the warning; and nothing where it goes back',
  async (_what, patch, cause, mend) => {
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: both });
    const { body } = await world.call('PATCH', connection, patch);
    expect(body.affectedApplications).toMatchObject([
      { id: at.split('/').at(-1), name: anApplication.name, where: 'draft', findings: [{ code: 'ACCOUNT_REQUIRED' }] },
    ]);
    expectOnly(body.affectedApplications[0].findings, { cause, mend });
    const back = { jit: { enabled: true, linking: { skipJitOnNoMatch: false } } };
    expect((await world.call('PATCH', connection, back)).body).not.toHaveProperty('affectedApplications');
    expect((await world.call('GET', `${at}/sign-in-flow`)).body.findings).toEqual([]);
  },
);

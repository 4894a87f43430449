import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAdminApi } from '../../src/cli/admin-api.ts';
import { minute } from '../../src/kernel/clock.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, typesPassword } from '../stories/moves.ts';
import { startWorld, type World } from '../stories/world.ts';
import { useTerminal } from './terminal.ts';

/** Commands that look at a server's past sign-ins. */

const { directory, write, run, runTyping } = useTerminal();
const adminToken = 'an-admin-token-that-is-long-enough';
let world: World;
let login: string;
let reference: string;
let at: string[];

beforeAll(async () => {
  vi.stubEnv('STEPGATE_TOKEN', adminToken);
  world = await startWorld({
    env: { STEPGATE_ADMIN_TOKEN: adminToken },
    flow: {
      script: `var seen = [];
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    seen.push(context.steps[1].idp);
    if (seen[0] === 'LOCAL') fail();
  } });
}`,
    },
  });
  at = ['--server', world.url];
  await world.addUser('ann');
  const grace = await beginsSignIn(world);
  login = loginIdOf(grace);
  await comesThroughGoogle(grace);
  const ann = await beginsSignIn(world);
  await typesPassword(ann, 'ann');
  const [failed] = await api().list('/logins?status=failed');
  reference = String(failed?.['reference']);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world?.close();
});

const api = () => createAdminApi({ serverUrl: world.url, adminToken });
const both = () => write('both.js', 'function onLoginRequest(context) {\n  executeStep(1);\n  executeStep(2);\n}');

describe('stepgate replay', () => {
  it('shows a sign-in as it was, with the variables where they change, and ends with 0', async () => {
    const { code, out, err } = await run('replay', login, ...at, '--variables');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/ seen = \[\]\n.*line 3 +call +executeStep\(1\)\n/);
    expect(out).toContain('seen = ["Google"]\n');
    expect(out).toMatch(/provisioning.*created.*\n.*end +success\n/);
  });

  it('finds it by the reference on its error page', async () => {
    const { code, out } = await run('replay', reference, ...at);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/failure DENIED_BY_SCRIPT: fail\(\)/) });
    expect((await run('replay', '00000-00000', ...at)).code).toBe(2);
  });

  it('tells where another script first does something else, and ends with 1', async () => {
    const { code, out } = await run('replay', login, ...at, '--script', both());
    expect(code).toBe(1);
    expect(out).toContain(
      'differs at entry 3: line 3: The login ended with success; this script called executeStep(2, null).',
    );
    expect(JSON.parse((await run('replay', login, ...at, '--version', '1', '--json')).out)).toMatchObject({
      differs: null,
    });
  });
});

describe('stepgate replay, step by step', () => {
  const entries = (out: string) => [...out.matchAll(/^entry (\d+) of 3$/gm)].map(([, seq]) => Number(seq));

  it('shows one entry with the script around it, its callbacks and its variables', async () => {
    const { code, out, err } = await run('replay', login, ...at, '--at', '1');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^entry 1 of 3\n {4}1 \| var seen = \[\];\n {4}2 \| .*\n> {3}3 \| {3}executeStep\(1/);
    expect(out).toContain('\ncallbacks onSuccess\n');
    expect(out).not.toContain('waiting for their turn');
    expect(out).toMatch(/\nvariables\n. seen = \[\]\n/);
    expect(out).not.toMatch(/^ *end /m);
    const last = await run('replay', login, ...at, '--at', '3');
    expect(last.out).toMatch(/^entry 3 of 3\n +end +success\n(.*\n)* {2}seen = \["Google"\]\n$/);
  });

  it('is JSON for programs', async () => {
    const { out } = await run('replay', login, ...at, '--at', '1', '--json');
    expect(JSON.parse(out)).toMatchObject({
      seq: 1,
      items: [{ kind: 'call' }, { kind: 'step' }],
      variables: { seen: [] },
    });
  });

  it('names the entries that there are when asked for another', async () => {
    const { code, out, err } = await run('replay', login, ...at, '--at', '9');
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/no entry 9; there are 0, 1, 2, 3/),
    });
  });

  it('goes forward and back, on with Enter the same way, and to a number', async () => {
    const { code, out, err } = await runTyping(
      ['n', '', 'p', '', '3', '0', 'q', 'n'],
      'replay',
      login,
      ...at,
      '--step',
    );
    expect({ code, err, entries: entries(out) }).toEqual({ code: 0, err: '', entries: [0, 1, 2, 1, 0, 3, 0] });
  });

  it('stays where it is at both ends, and for what it does not know, and ends with the last line', async () => {
    const { out, err } = await runTyping(['p', '3', 'n', '7', 'sideways'], 'replay', login, ...at, '--step');
    expect(entries(out)).toEqual([0, 3]);
    expect(err).toBe(
      'That was the first entry.\nThat was the last entry.\nThere is no entry 7.\n«sideways» is nothing that can be done here.\n',
    );
  });

  it('shows another script’s own lines, and where it first does something else', async () => {
    const { code, out } = await run('replay', login, ...at, '--script', both(), '--at', '3');
    expect(code).toBe(1);
    expect(out).toMatch(/differs here: The login ended with success; this script called executeStep\(2, null\)\.\n/);
    expect((await run('replay', login, ...at, '--script', both(), '--at', '1')).out).toContain(
      '>   2 |   executeStep(1);',
    );
  });

  it('needs somebody to ask', async () => {
    expect(await run('replay', login, ...at, '--step')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--at N/),
    });
  });
});

describe('stepgate what-if', () => {
  it('counts what would come out otherwise, and ends with 1', async () => {
    const { code, out } = await run('what-if', ...at, '--application', 'Payroll', '--script', both());
    expect(code).toBe(1);
    expect(out).toMatch(/^2 sign-ins, in [\d.]+ s\n {5}0 {2}unchanged\n/);
    expect(out).toContain('     1  signs in after step 1 → is asked for step 2 after step 1\n');
    expect(out).toContain('     1  fails with DENIED_BY_SCRIPT after step 1 → is asked for step 2 after step 1\n');
  });

  it('ends with 0 where nothing would', async () => {
    const { code, out } = await run('what-if', ...at, '--application', 'Payroll', '--version', '1', '--json');
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { logins: 2, unchanged: 2 } });
    const one = await run('what-if', ...at, '--application', 'Payroll', '--version', '1', '--limit', '1');
    expect(one.out).toMatch(/^1 sign-in, in [\d.]+ s\n {5}1 {2}unchanged\n$/);
  });
});

describe('a server instead of files', () => {
  const application = ['--application', 'Payroll'];

  it('knows people and connections when a script is tried', async () => {
    const scenario = write('ann.json', { steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: 'ann' }] } });
    const draft = await run('dry-run', ...at, ...application, '--scenario', scenario);
    expect(draft).toMatchObject({ code: 1, out: expect.stringContaining('failure DENIED_BY_SCRIPT') });
    const other = await run('dry-run', both(), ...at, ...application, '--scenario', scenario, '--json');
    expect(JSON.parse(other.out).outcome).toMatchObject({ result: 'waiting', subject: { username: 'ann' } });
  });

  it('checks names that only it knows', async () => {
    const script = write(
      'asks.js',
      "function onLoginRequest(c) { executeStep(1, { onSuccess: function (c) { hasRole(c.currentKnownSubject, 'nobody-has-it'); } }); executeStep(2); }",
    );
    expect((await run('validate', script)).out).not.toContain('UNKNOWN_ROLE');
    const { code, out } = await run('validate', script, ...at, ...application);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/asks\.js:1:\d+ warning UNKNOWN_ROLE/) });
  });

  it('knows connections and rules when all paths are explored, of the draft where no script is given', async () => {
    const [google] = await api().list('/connections');
    const of = `/applications/${world.registered.id}`;
    await api().patch(`/connections/${google!.id}`, { jit: { enabled: false } });
    await api().patch(of, { signInRules: [{ kind: 'two-factors', people: 'all' }] });
    const svg = write('paths.svg', '');
    const told = await run('explore', both(), ...at, ...application, '--svg', svg);
    expect(told.code).toBe(1);
    expect(told.out).toContain('line 2: step 1 → Google, without an account\n    line 3: step 2 → fail');
    expect(told.out).toContain(': everybody needs two factors\n');
    expect(readFileSync(svg, 'utf8')).toContain('Step 2');
    const save = await run('explore', both(), ...at, ...application, '--save-counterexample', 'found by exploring');
    expect(save.out).toContain('saved to found by exploring: found by exploring: no path reaches a factor');
    const { items } = (await api().get(`${of}/scenarios`)) as unknown as { items: { name: string; expect: object }[] };
    expect(items).toMatchObject([
      {
        name: expect.stringMatching(/^found by exploring: no path reaches/),
        expect: { outcome: { result: 'failure' } },
      },
      { name: 'found by exploring: everybody needs two factors', expect: { outcome: { code: 'RULE_NOT_MET' } } },
    ]);
    await api().put(`${of}/scenarios`, { items: [] });
    await api().patch(of, { signInRules: [] });
    const draft = await run('explore', ...at, ...application, '--paths', '1', '--json');
    expect(JSON.parse(draft.out)).toMatchObject({ complete: false, pathCount: 1, cut: [{ reason: 'paths' }] });
    await api().patch(`/connections/${google!.id}`, { jit: { enabled: true } });
  });
});

it('what two admins change at once, one of them changes: the other is told so', async () => {
  const scenarios = `/applications/${world.registered.id}/scenarios`;
  const named = (name: string) => ({ items: [{ name, scenario: {}, expect: { outcome: { result: 'waiting' } } }] });
  const slow = api().change(scenarios, async () => {
    await api().change(scenarios, () => named('the faster one'));
    return named('the slower one');
  });
  await expect(slow).rejects.toMatchObject({ problem: { code: 'CHANGED_MEANWHILE' } });
  expect((await api().get(scenarios))['items']).toEqual(named('the faster one').items);
  await api().change(scenarios, () => ({ items: [] }));
});

describe('stepgate types', () => {
  it('writes what the server knows, and a file that is up to date it leaves alone', async () => {
    const file = join(directory, 'stepgate.d.ts');
    const write = () => run('types', ...at, '--application', 'Payroll', '--out', file);
    expect(await write()).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(file, 'utf8')).toContain('"Google"');
    const { mtimeMs, ino } = statSync(file);
    expect(await write()).toEqual({ code: 0, out: '', err: '' });
    expect(statSync(file)).toMatchObject({ mtimeMs, ino });
  });
});

it('of a sign-in whose time was over a replay says so, and what it waited for', async () => {
  const open = loginIdOf(await beginsSignIn(world));
  expect((await run('replay', open, ...at)).out).toMatch(/end +waiting for step 1/);
  world.clock.skip(2 * 60 * minute);
  const { code, out } = await run('replay', open, ...at);
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/end +failure LOGIN_EXPIRED: .+ \(it waited for step 1\)\n/),
  });
});

it.each<[string, string[], RegExp]>([
  ['replay without a login', ['replay', '--server', 'http://127.0.0.1:1'], /LOGIN is missing/],
  ['two flows at once', ['what-if', '--version', '1', '--script', 'x.js'], /exclude each other|--server/],
  ['a limit that is none', ['what-if', '--limit', 'all'], /--limit/],
  [
    'what the server knows',
    ['explore', '--server', 'http://127.0.0.1:1', '--jit-off', 'Google'],
    /leave --jit-off out/,
  ],
  ['types of two flows', ['types', '--server', 'http://127.0.0.1:1', '--flow', 'x.json'], /leave --flow out/],
])('%s is a wrong call', async (_what, args, message) => {
  expect(await run(...args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
});

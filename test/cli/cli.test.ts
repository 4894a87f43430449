import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useTerminal } from './terminal.ts';

const { directory, write, run } = useTerminal();
const shipped = 'scripts/mfa-for-local-users';
const flow = ['--flow', `${shipped}/cases.json`];
const ann = write('ann.json', {
  steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: { username: 'ann' } }], 2: [{ outcome: 'success' }] },
});
const broken = write('broken.js', 'var onLoginRequest = function (context) {\n  executeStep(9);\n};');

describe('stepgate validate', () => {
  it('finds nothing in a shipped script', async () => {
    const { code, out, err } = await run('validate', `${shipped}/script.js`, ...flow);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('nothing to find');
  });

  it('names file, line and column of an error, and ends with 1', async () => {
    const { code, out } = await run('validate', broken, ...flow);
    expect(code).toBe(1);
    expect(out).toMatch(/broken\.js:2:\d+ error UNKNOWN_STEP: /);
  });

  it('gives the findings as JSON', async () => {
    const { code, out } = await run('validate', broken, ...flow, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).findings).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'UNKNOWN_STEP', line: 2 }),
    );
  });
});

describe('stepgate dry-run', () => {
  it('shows the trace and the end', async () => {
    const { code, out } = await run('dry-run', `${shipped}/script.js`, ...flow, '--scenario', ann);
    expect(code).toBe(0);
    expect(out).toMatch(/line 4 +call +executeStep\(1\)/);
    expect(out).toMatch(/success\n$/);
  });

  it('marks what is made up', async () => {
    const script = write(
      'sessions.js',
      'var onLoginRequest = function (context) {\n  executeStep(1, { onSuccess: function (context) { getUserSessions(context.currentKnownSubject); } });\n};',
    );
    const { out } = await run('dry-run', script, ...flow, '--scenario', ann);
    expect(out).toMatch(/line 2 +call +getUserSessions\(.*\) → \[\] \(fake\)\n/);
  });

  it('gives the whole answer as JSON, and 1 for a script that fails', async () => {
    const { code, out } = await run('dry-run', broken, ...flow, '--scenario', ann, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', line: 2 });
  });
});

describe('stepgate dry-run with a scenario that names what is not there', () => {
  it.each<[string, object, string]>([
    ['a step', { steps: { 1: [{ outcome: 'success' }], 9: [{ outcome: 'fail' }] } }, '/steps/9 error UNKNOWN_STEP'],
    ['an option', { steps: { 2: [{ outcome: 'fail', idp: 'Google' }] } }, '/steps/2/0 error OPTION_NOT_OFFERED'],
    [
      'an answer where it is not asked for',
      { functions: { prompt: [{ data: {} }] } },
      '/functions/prompt error ANSWER_WITHOUT_EFFECT',
    ],
    ['a function', { functions: { hasRoles: [{ data: true }] } }, '/functions/hasRoles error UNKNOWN_FUNCTION'],
  ])('%s', async (_what, scenario, finding) => {
    const file = write('names-nobody.json', scenario);
    const { code, out } = await run('dry-run', `${shipped}/script.js`, ...flow, '--scenario', file);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(`${file} ${finding}: `) });
    const { out: json } = await run('dry-run', `${shipped}/script.js`, ...flow, '--scenario', file, '--json');
    expect(JSON.parse(json).findings).toHaveLength(1);
  });

  it('plays a megabyte all the same', async () => {
    const params = Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`p${i}`, 'x'.repeat(9_999)]));
    const file = write('long.json', { request: { params }, steps: { 1: [{ outcome: 'abort' }] } });
    const { code, out } = await run('dry-run', `${shipped}/script.js`, ...flow, '--scenario', file);
    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/failure CANCELLED/) });
  });
});

describe('a wrong call ends with 2, says what is wrong, and prints nothing', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['fly'], /no command "fly"/],
    ['no script', ['validate'], /SCRIPT is missing/],
    ['a file that is not there', ['validate', 'nowhere.js'], /nowhere\.js cannot be read/],
    ['two scripts', ['validate', broken, broken], /one SCRIPT/],
    ['an unknown option', ['validate', broken, '--fast'], /--fast/],
    ['no scenario', ['dry-run', broken], /--scenario is missing/],
    ['a scenario that is not JSON', ['dry-run', broken, '--scenario', broken], /is not JSON/],
    [
      'a scenario with an unknown key',
      ['dry-run', broken, '--scenario', write('odd.json', { stepz: {} })],
      /odd\.json \/stepz: /,
    ],
    [
      'a scenario that is in itself',
      ['dry-run', broken, '--scenario', write('deep.json', `{"now":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)],
      /deep\.json \/now(\/0)+: .*64 levels/,
    ],
    [
      'a flow without steps',
      ['validate', broken, '--flow', write('empty.json', { steps: [] })],
      /empty\.json \/steps: /,
    ],
  ])('%s', async (_title, args, message) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('shows how the command is called, and not all that there is to say of it', async () => {
    const { err } = await run('dry-run', broken);
    expect(err).toMatch(/Usage: stepgate dry-run [\s\S]*\n\nstepgate dry-run --help tells more\.\n$/);
    expect(err).not.toContain('Exit code');
  });
});

describe('help', () => {
  const commands = 'validate dry-run explore test replay what-if types export diff apply'.split(' ');

  it('lists all commands, and is no error where it was asked for', async () => {
    const { code, out } = await run('help');
    expect([...out.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)).toEqual(commands);
    expect({ code, same: [await run('--help'), await run('-h')] }).toMatchObject({ code: 0, same: [{ out }, { out }] });
    expect(await run()).toMatchObject({ code: 2, out });
    expect((await run('--version')).out).toMatch(/^stepgate \d+\.\d+\.\d+\n$/);
  });

  it.each(commands)('of %s tells usage, every option, exit codes and examples, on lines that fit', async (name) => {
    const { code, out } = await run(name, '--help');
    expect(code).toBe(0);
    expect(await run('help', name)).toMatchObject({ code: 0, out });
    expect(await run(name, '-h')).toMatchObject({ code: 0, out });
    expect(out).toMatch(new RegExp(`^Usage: stepgate ${name} `));
    expect(out).toMatch(/\n {2}--json /);
    expect(out).toMatch(/\nExit code: 0 /);
    expect(out).toMatch(new RegExp(`\n\n(  (\\S+=\\S+ )?stepgate ${name} .+\n)+$`));
    for (const [option] of out.split('\n\n')[0]!.matchAll(/--[a-z-]+/g)) expect(out).toContain(`\n  ${option} `);
    expect(out.split('\n').filter((line) => line.length > 125 || /\s$/.test(line))).toEqual([]);
  });
});

describe('stepgate types', () => {
  it('prints the typings of the flow that it is given', async () => {
    const { code, out, err } = await run('types', ...flow);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('declare function executeStep');
    expect(out).toContain('type StepNumber = 1 | "1" | 2 | "2";');
    expect(out).toContain('"email-otp-authenticator"');
  });

  it('takes no script', async () => {
    expect(await run('types', `${shipped}/script.js`)).toMatchObject({ code: 2, out: '' });
  });
});

describe('stepgate explore', () => {
  const careless = write('careless.js', readFileSync(`${shipped}/script.js`, 'utf8').replace("'LOCAL'", "'Google'"));
  const own = write('own.json', {
    properties: [{ name: 'everybody is asked twice', script: '(path) => path.steps.length > 1' }],
  });

  it('says that these are all paths, and what holds on them', async () => {
    const { code, out, err } = await run('explore', `${shipped}/script.js`, ...flow, '--jit-off', 'Google');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('these 8 are all paths');
    expect(out).toContain('holds: no path reaches a factor that needs an account with JIT off');
  });

  it('ends with 1 where a property is broken, and shows the way there', async () => {
    const { code, out } = await run('explore', careless, ...flow, '--jit-off', 'Google');
    expect(code).toBe(1);
    expect(out).toContain(
      'broken: no path reaches a factor that needs an account with JIT off\n    line 4: step 1 → Google, without an account\n',
    );
  });

  it('asks properties of one’s own, and gives everything as JSON', async () => {
    const { code, out } = await run('explore', `${shipped}/script.js`, ...flow, '--properties', own, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).properties.at(-1)).toMatchObject({ name: 'everybody is asked twice', holds: false });
  });

  it('draws', async () => {
    const svg = write('paths.svg', '');
    await run('explore', `${shipped}/script.js`, ...flow, '--svg', svg);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*Step 2[\s\S]*<\/svg>\n$/);
  });

  it('keeps a counterexample as a case, which fails once the script is mended', async () => {
    const kept = join(directory, 'kept.json');
    const save = () => run('explore', careless, ...flow, '--save-counterexample', kept);
    const { code, out, err } = await save();
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toMatch(/saved to .*kept\.json: breaks: no local person ends without a factor in step 2\n$/);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({
      steps: JSON.parse(readFileSync(`${shipped}/cases.json`, 'utf8')).steps,
      items: [
        {
          name: 'breaks: no local person ends without a factor in step 2',
          scenario: { steps: { 1: [{ outcome: 'success', idp: 'LOCAL' }] } },
          expect: { outcome: { result: 'success' }, steps: [{ step: 1, outcome: 'success' }] },
        },
      ],
    });
    expect((await run('test', careless, '--cases', kept)).code).toBe(0);
    expect((await run('test', `${shipped}/script.js`, '--cases', kept)).code).toBe(1);
    const before = readFileSync(kept, 'utf8');
    await save();
    expect(readFileSync(kept, 'utf8')).toBe(before);
  });

  it('keeps it beside the cases of a file, and leaves those as they are', async () => {
    const cases = JSON.parse(readFileSync(`${shipped}/cases.json`, 'utf8'));
    const file = write('cases.json', cases);
    await run('explore', careless, '--flow', file, '--properties', own, '--save-counterexample', file);
    const { steps, items } = JSON.parse(readFileSync(file, 'utf8'));
    expect(steps).toEqual(cases.steps);
    expect(items.slice(0, cases.items.length)).toEqual(cases.items);
    expect(items.slice(cases.items.length).map(({ name }: { name: string }) => name)).toEqual([
      'breaks: no local person ends without a factor in step 2',
      'breaks: everybody is asked twice',
    ]);
  });

  it('says that there is none to keep, and with --json says it beside the answer', async () => {
    const kept = join(directory, 'none.json');
    const args = ['explore', `${shipped}/script.js`, ...flow, '--save-counterexample', kept];
    expect(await run(...args)).toMatchObject({ code: 0, out: expect.stringContaining('no counterexample to save') });
    const { out, err } = await run(...args, '--json');
    expect(JSON.parse(out).properties).not.toEqual([]);
    expect(err).toContain('no counterexample to save');
    expect(existsSync(kept)).toBe(false);
  });

  it('keeps with it which connections make no accounts, and does not mix it with cases where they do', async () => {
    const kept = join(directory, 'jit-off.json');
    const everybody = write('everybody.js', 'function onLoginRequest(context) { executeStep(1); executeStep(2); }');
    const off = ['--jit-off', 'Google', '--save-counterexample'];
    const { code, out } = await run('explore', everybody, ...flow, ...off, kept);
    expect(code).toBe(1);
    expect(out).toContain(`saved to ${kept}: breaks: no path reaches a factor that needs an account with JIT off\n`);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({
      jitOff: ['Google'],
      items: [{ expect: { outcome: { result: 'failure', code: 'ACCOUNT_REQUIRED' } } }],
    });
    expect((await run('test', everybody, '--cases', kept)).code).toBe(0);
    expect((await run('test', `${shipped}/script.js`, '--cases', kept)).code).toBe(1);
    const cases = write('jit-on.json', readFileSync(`${shipped}/cases.json`, 'utf8'));
    const mixed = await run('explore', everybody, ...flow, ...off, cases);
    expect(mixed).toMatchObject({ code: 2, err: expect.stringContaining('another jitOff') });
    expect(readFileSync(cases, 'utf8')).toBe(readFileSync(`${shipped}/cases.json`, 'utf8'));
  });

  it('keeps none that a dry run would not go by, as where chance decides', async () => {
    const kept = join(directory, 'chance.json');
    const script = write(
      'chance.js',
      'function onLoginRequest() { executeStep(1, { onSuccess: function () { if (Math.random() < 0.5) fail(); } }); }',
    );
    const passed = (result: string) => `(path) => !path.steps.some((s) => s.outcome === 'success') || ${result}`;
    const both = write('chance-properties.json', {
      properties: [
        { name: 'whoever passes is let in', script: passed("path.outcome.result === 'success'") },
        { name: 'whoever passes is refused', script: passed("path.outcome.result === 'failure'") },
      ],
    });
    const args = ['explore', script, '--properties', both, '--save-counterexample', kept];
    const { out } = await run(...args);
    expect(out.match(/^not saved: whoever passes is .+: a dry run of it goes another way$/gm)).toHaveLength(1);
    expect(out.match(/^saved to .+: breaks: whoever passes is .+$/gm)).toHaveLength(1);
    expect(JSON.parse(readFileSync(kept, 'utf8')).items).toHaveLength(out.match(/^saved to /gm)!.length);
  });

  it.each<[string, string, RegExp]>([
    ['no cases', '{"steps": 1}', /kept-wrong\.json .*items/],
    ['cases of a flow with other steps', '{"steps": [{"options": [{"idp": "Other"}]}], "items": []}', /other steps/],
  ])('keeps none in a file that has %s, and explores nothing', async (_what, content, message) => {
    const file = write('kept-wrong.json', content);
    const told = await run('explore', careless, ...flow, '--save-counterexample', file);
    expect(told).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('takes no bound that is no number', async () => {
    const { code, err } = await run('explore', careless, '--paths', 'all');
    expect(code).toBe(2);
    expect(err).toContain('--paths must be a number');
  });
});

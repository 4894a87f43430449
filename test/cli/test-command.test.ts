import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { parseXml } from '../../src/connections/parse-xml.ts';
import { useServer } from './server.ts';
import { useTerminal } from './terminal.ts';

const { directory, write, run } = useTerminal();
const shipped = 'scripts/mfa-for-local-users';
const cases = JSON.parse(readFileSync(`${shipped}/cases.json`, 'utf8'));
const script = readFileSync(`${shipped}/script.js`, 'utf8');
const careless = script.replace("'LOCAL'", "'NOBODY'");

/** A copy of the shipped script's folder that a test may break. */
function copy(name: string): string {
  const folder = join(directory, name);
  cpSync(shipped, folder, { recursive: true });
  return folder;
}

describe('stepgate test on files', () => {
  test('says that all pass, and ends with 0', async () => {
    const { code, out, err } = await run('test', shipped);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^scripts/mfa-for-local-users\n  ✓ [^]*\n${cases.items.length} passed\n$`));
    expect(out).not.toContain('✗');
  });

  test('names the place of each difference, ends with 1, and tells a CI system', async () => {
    const junit = join(directory, 'results.xml');
    const file = write('careless.js', careless);
    const { code, out } = await run('test', file, '--cases', `${shipped}/cases.json`, '--junit', junit);
    expect(code).toBe(1);
    expect(out).toMatch(/ ✗ .+\n {6}outcome\.\w+: .+ was expected, and .+ found\n/);
    const xml = readFileSync(junit, 'utf8');
    const failures = Number(/<testsuites tests="\d+" failures="(\d+)">/.exec(xml)?.[1]);
    expect(xml.match(/<failure message="/g)).toHaveLength(failures);
    expect(out).toContain(`${failures} of ${cases.items.length} failed\n`);
  });

  test('writes XML that any name of a case leaves whole', async () => {
    const junit = join(directory, 'odd.xml');
    const odd = { name: '<b a="1">&\u0001', scenario: {}, expect: { outcome: { result: 'success' } } };
    const file = write('odd-cases.json', { steps: cases.steps, items: [odd] });
    expect((await run('test', `${shipped}/script.js`, '--cases', file, '--junit', junit)).code).toBe(1);
    const whole = parseXml(readFileSync(junit, 'utf8'));
    expect(whole.getElementsByTagName('testcase').item(0)?.getAttribute('name')).toBe('<b a="1">&\ufffd');
    expect(readFileSync(junit, 'utf8')).toContain('name="&lt;b a=&quot;1&quot;&gt;&amp;\ufffd"');
  });

  test('gives everything as JSON', async () => {
    const { out } = await run('test', shipped, '--json');
    const { passes, suites } = JSON.parse(out);
    expect(passes).toBe(true);
    expect(suites[0].cases).toContainEqual({ name: cases.items[0].name, problems: [] });
  });

  test('a scenario that names a step which the flow lacks does not pass', async () => {
    const scenario = { steps: { 9: [{ outcome: 'success' }] } };
    const file = write('nine.json', { steps: cases.steps, items: [{ name: 'nine', scenario, expect: {} }] });
    const { code, out } = await run('test', `${shipped}/script.js`, '--cases', file);
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining('/items/0/scenario/steps/9') });
  });

  test.each<[string, () => string[], RegExp]>([
    ['no folder', () => ['test'], /FOLDER is missing/],
    ['a file without cases', () => ['test', `${shipped}/script.js`], /--cases/],
    [
      'an unknown key in a case',
      () => {
        const items = [{ name: 'x', scenario: { step: {} }, expect: {} }];
        return ['test', `${shipped}/script.js`, '--cases', write('key.json', { steps: cases.steps, items })];
      },
      /key\.json \/items\/0\/scenario\/step: /,
    ],
    ['a server and files', () => ['test', shipped, '--server', 'http://127.0.0.1:1'], /neither files/],
    ['a server without an address', () => ['test', '--server', 'here', '--application', 'x'], /must be a URL/],
    [
      'a server that is not there',
      () => {
        vi.stubEnv('STEPGATE_TOKEN', 'for nobody');
        return ['test', '--server', 'http://127.0.0.1:1', '--application', 'x'];
      },
      /cannot be reached/,
    ],
  ])('%s is a wrong call', async (_what, args, message) => {
    const { code, out, err } = await run(...args());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  test('--watch plays again after a change, also after one that broke the file', async () => {
    const folder = copy('watched');
    const stop = new AbortController();
    const heard: string[] = [];
    let hear = () => {};
    const until = async (text: string) => {
      while (!heard.join('').includes(text)) await new Promise<void>((resolve) => (hear = resolve));
      heard.length = 0;
    };
    const print = (text: string) => {
      heard.push(text);
      hear();
    };
    const ended = runCli(['test', folder, '--watch'], { print, complain: print, colour: false, stop: stop.signal });
    await until(`${cases.items.length} passed`);
    writeFileSync(join(folder, 'cases.json'), '{');
    await until('is not JSON');
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    await until(`${cases.items.length} passed`);
    writeFileSync(join(folder, 'script.js'), careless);
    await until('failed');
    stop.abort();
    expect(await ended).toBe(1);
  });
});

describe('stepgate test on a server', () => {
  const server = useServer();

  test('plays what is stored beside the flow, against the draft and against a version', async () => {
    const { api, url } = server;
    await api.post('/connections', {
      name: 'Google',
      type: 'oidc',
      issuer: 'https://accounts.example.com',
      clientId: 'stepgate',
      clientSecret: 'between the two of them',
    });
    const { id } = await api.post('/applications', {
      name: 'Payroll',
      redirectUris: ['https://payroll.example.com/callback'],
      clientType: 'public',
      signInFlow: { steps: cases.steps, script },
    });
    await api.put(`/applications/${id}/scenarios`, { items: cases.items });
    await api.put(`/applications/${id}/sign-in-flow`, { steps: cases.steps, script: careless });
    const at = ['test', '--server', url, '--application', 'Payroll'];
    expect(await run(...at)).toMatchObject({ code: 1, out: expect.stringContaining('failed') });
    expect(await run(...at, '--version', '1')).toMatchObject({ code: 0, out: expect.stringContaining(' passed') });
    expect(await run(...at, '--version', '2')).toMatchObject({ code: 1, err: expect.stringContaining('no version 2') });
    const nobody = await run('test', '--server', url, '--application', 'Nobody');
    expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('no application «Nobody»') });
  });
});

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AdminApi } from '../../src/cli/admin-api.ts';
import { useServer } from './server.ts';
import { useTerminal } from './terminal.ts';

/** A server's configuration as files: written, compared, applied. */

const { directory, run } = useTerminal();
const first = useServer();
const second = useServer();
const folder = join(directory, 'config');
const file = (...path: string[]) => join(folder, ...path);
const read = (...path: string[]) => readFileSync(file(...path), 'utf8');
const on = (server: { url: string }) => ['--server', server.url];
const nothing = '0 to make, 0 to change, 0 to delete\n';

const script = `var greetings = require('greetings.js');
var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (context.steps[1].idp == 'LOCAL') { executeStep(2); }
  } });
};
`;
const steps = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }] },
];
const scenario = {
  name: 'a local person is asked for more',
  scenario: { steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: { username: 'ann' } }] } },
  expect: { outcome: { result: 'waiting', waitingFor: { kind: 'step', step: 2 } } },
};

async function seed(api: AdminApi): Promise<void> {
  await api.post('/groups', { name: 'staff' });
  await api.post('/script-libraries', {
    name: 'greetings.js',
    source: "exports.hello = function () { return 'Hi'; };\n",
  });
  await api.post('/prompt-templates', {
    name: 'terms',
    template: { title: 'Our terms', text: ['Read them.'], buttons: [{ name: 'action.accept', label: 'I accept' }] },
  });
  await api.post('/connections', {
    name: 'Google',
    type: 'oidc',
    issuer: 'https://accounts.example.com',
    clientId: 'stepgate',
    clientSecret: 'between the two of them',
    groupMapping: { research: 'research', sales: 'sales' },
  });
  const { id } = await api.post('/applications', {
    name: 'Payroll / EU',
    redirectUris: ['https://payroll.example.com/callback'],
    clientType: 'confidential',
    signInFlow: { steps, script },
  });
  await api.put(`/applications/${id}/scenarios`, { items: [scenario] });
  await api.post('/roles', { name: 'reader', applicationId: id });
  await api.post('/roles', { name: 'approver' });
}

beforeAll(async () => {
  vi.stubEnv('STEPGATE_CLIENT_SECRET_GOOGLE', 'between the two of them');
  await seed(first.api);
});

describe('stepgate export', () => {
  it('writes files that people read, without secrets, and the same ones each time', async () => {
    const { code, out, err } = await run('export', folder, ...on(first));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const application = 'applications/Payroll %2F EU';
    expect(out.trim().split('\n')).toEqual([
      `${application}/application.json`,
      `${application}/flow.json`,
      `${application}/scenarios.json`,
      `${application}/script.js`,
      'connections/Google.json',
      'groups.json',
      'prompt-templates/terms.json',
      'roles.json',
      'script-libraries/greetings.js',
    ]);
    expect(read(application, 'script.js')).toBe(script);
    expect(JSON.parse(read('roles.json'))).toEqual([
      { name: 'approver' },
      { name: 'reader', application: 'Payroll / EU' },
    ]);
    const all = out
      .trim()
      .split('\n')
      .map((path) => read(path))
      .join('');
    expect(all).not.toMatch(/between the two of them|revision|createdAt|app_/);
    expect(await run('export', folder, ...on(first))).toEqual({ code: 0, out: 'nothing has changed\n', err: '' });
    expect(await run('diff', folder, ...on(first))).toEqual({ code: 0, out: nothing, err: '' });
  });
});

describe('stepgate apply', () => {
  it('makes an empty server like the first, and the second time there is nothing to do', async () => {
    const planned = await run('diff', folder, ...on(second));
    expect(planned).toMatchObject({ code: 1, out: expect.stringContaining('+ applications «Payroll / EU»\n') });
    expect((await run('apply', folder, ...on(second), '--dry-run')).out).toBe(planned.out);
    expect(await second.api.list('/applications')).toEqual([]);

    const applied = await run('apply', folder, ...on(second));
    expect({ code: applied.code, err: applied.err }).toEqual({ code: 0, err: '' });
    expect(applied.out).toMatch(/application Payroll \/ EU: client id \S+, client secret \S+\n$/);
    expect(await run('apply', folder, ...on(second))).toEqual({ code: 0, out: nothing, err: '' });
    expect(await run('export', folder, ...on(second))).toMatchObject({ out: 'nothing has changed\n' });
  });

  it('changes what is otherwise, and tells which line of a script', async () => {
    const at = ['applications', 'Payroll %2F EU', 'script.js'];
    writeFileSync(file(...at), script.replace("'LOCAL'", "'Google'").replace('==', '!='));
    const connection = JSON.parse(read('connections/Google.json'));
    writeFileSync(
      file('connections/Google.json'),
      JSON.stringify({ ...connection, groupMapping: { research: 'science' }, enabled: false }),
    );
    const { out } = await run('diff', folder, ...on(second));
    expect(out).toContain(`flow/script: from line 4: "    if (context.steps[1].idp == 'LOCAL')`);
    expect(out).toContain('groupMapping/research: "research" → "science"\n');
    expect(out).toContain('0 to make, 2 to change, 0 to delete\n');
    await run('apply', folder, ...on(second));
    expect(await run('diff', folder, ...on(second))).toMatchObject({ code: 0, out: nothing });
    const [google] = await second.api.list('/connections');
    expect(google).toMatchObject({ enabled: false, groupMapping: { research: 'science' } });
    expect(google?.['groupMapping']).not.toHaveProperty('sales');
  });

  it('lets the server refuse: scenarios that fail stop a flow, and what came before stays', async () => {
    const at = ['applications', 'Payroll %2F EU', 'script.js'];
    writeFileSync(file(...at), 'function onLoginRequest(context) { executeStep(1); }\n');
    const { code, err } = await run('apply', folder, ...on(second));
    expect(code).toBe(1);
    expect(err).toContain('/items/0/expect/outcome/result «a local person is asked for more»');
    writeFileSync(file(...at), script);
    expect((await run('apply', folder, ...on(second))).code).toBe(0);
  });

  it('leaves alone what files do not say, unless told to prune', async () => {
    rmSync(file('prompt-templates/terms.json'));
    const kept = await run('apply', folder, ...on(second));
    expect(kept.out).toContain('prompt-templates «terms» is on the server alone\n');
    expect(await second.api.list('/prompt-templates')).toHaveLength(1);
    const pruned = await run('apply', folder, ...on(second), '--prune', '--json');
    expect(JSON.parse(pruned.out)).toEqual({
      actions: [{ do: 'delete', kind: 'prompt-templates', name: 'terms' }],
    });
    expect(await second.api.list('/prompt-templates')).toEqual([]);
  });

  it('an export takes files of what is gone away, and no others', async () => {
    writeFileSync(file('README.md'), 'ours');
    const [library] = await second.api.list('/script-libraries');
    await second.api.delete(`/script-libraries/${library?.id}`);
    const { out } = await run('export', folder, ...on(second));
    expect(out).toContain('script-libraries/greetings.js\n');
    expect(readdirSync(file('script-libraries'))).toEqual([]);
    expect(read('README.md')).toBe('ours');
  });
});

it.each<[string, () => string[], RegExp]>([
  ['a folder that is not there', () => ['diff', join(directory, 'nowhere'), ...on(first)], /is not there/],
  [
    'a setting that there is not',
    () => {
      writeFileSync(file('connections/Google.json'), JSON.stringify({ colour: 'red' }));
      return ['apply', folder, ...on(first)];
    },
    /connections «Google»: there is no setting «colour»/,
  ],
  ['no server', () => ['export', folder], /--server must be a URL/],
])('%s is a wrong call', async (_what, args, message) => {
  expect(await run(...args())).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
});

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
  await api.post('/secrets', { name: 'RISK_KEY', value: 'known to the risk service' });
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
      'secrets.json',
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
    expect(all).not.toMatch(/between the two of them|known to|revision|createdAt|app_|hasClientSecret/);
    expect(JSON.parse(read('secrets.json'))).toEqual([
      { name: 'RISK_KEY', value: { fromEnv: 'STEPGATE_SECRET_RISK_KEY' } },
    ]);
    expect(JSON.parse(read('connections/Google.json'))).toMatchObject({
      clientSecret: { fromEnv: 'STEPGATE_CLIENT_SECRET_GOOGLE' },
    });
    expect(await run('export', folder, ...on(first))).toEqual({ code: 0, out: 'nothing has changed\n', err: '' });
    const { code: unchanged, out: told } = await run('diff', folder, ...on(first));
    expect({ unchanged, told }).toEqual({ unchanged: 0, told: `${untold}${nothing}` });
  });
});

const untold = `! secrets «RISK_KEY»: value is to come from the variable STEPGATE_SECRET_RISK_KEY, which is not there; it is left as it is.
! connections «Google»: clientSecret is to come from the variable STEPGATE_CLIENT_SECRET_GOOGLE, which is not there; it is left as it is.
`;

describe('stepgate apply without the secrets', () => {
  it('names all that are missing on a server that lacks them, before anything is made', async () => {
    const { code, out, err } = await run('apply', folder, ...on(second));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('STEPGATE_SECRET_RISK_KEY, which is not there.\n');
    expect(err).toContain('STEPGATE_CLIENT_SECRET_GOOGLE, which is not there.\n');
    expect(await second.api.list('/groups')).toEqual([]);
  });
});

describe('stepgate apply', () => {
  beforeAll(() => {
    vi.stubEnv('STEPGATE_CLIENT_SECRET_GOOGLE', 'between the two of them');
    vi.stubEnv('STEPGATE_SECRET_RISK_KEY', 'known to the risk service');
  });

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

describe('secrets', () => {
  const has = async (value: string) => {
    const [secret] = await second.api.list('/secrets');
    return [(await second.api.post(`/secrets/${secret?.id}/compare`, { value }))['same'], secret?.['version']];
  };
  const said = async (...args: string[]) => {
    const { out, err } = await run(...args, folder, ...on(second));
    expect(out + err).not.toMatch(/known to|another one|the provider’s new/);
    return out;
  };

  it('came with the rest, and are not set again', async () => {
    expect(await has('known to the risk service')).toEqual([true, 1]);
    expect(await has('known to nobody')).toEqual([false, 1]);
    expect(await said('diff')).not.toContain('RISK_KEY');
  });

  it('are set where the server has another value, and nobody is told which', async () => {
    vi.stubEnv('STEPGATE_SECRET_RISK_KEY', 'another one');
    vi.stubEnv('STEPGATE_CLIENT_SECRET_GOOGLE', 'the provider’s new one');
    const planned = await said('diff');
    expect(planned).toContain('~ secrets «RISK_KEY»\n    value: version 1 → version 2\n');
    expect(planned).toContain('~ connections «Google»\n    clientSecret: set → another\n');
    expect(JSON.parse(await said('diff', '--json')).actions).toContainEqual(
      expect.objectContaining({ name: 'RISK_KEY', changes: ['value: version 1 → version 2'] }),
    );
    expect(await has('known to the risk service')).toEqual([true, 1]);
    await said('apply');
    expect(await has('another one')).toEqual([true, 2]);
    const [google] = await second.api.list('/connections');
    expect(
      await second.api.post(`/connections/${google?.id}/client-secret/compare`, { value: 'the provider’s new one' }),
    ).toEqual({ same: true });
    expect(await said('diff')).toBe(nothing);
  });

  it('are set again when that is demanded', async () => {
    await said('apply', '--force-secrets');
    expect(await has('another one')).toEqual([true, 3]);
  });

  it('come from files too, without their last line break, and an export keeps how they are named', async () => {
    writeFileSync(file('risk-key'), 'another one\n');
    writeFileSync(file('secrets.json'), JSON.stringify([{ name: 'RISK_KEY', value: { fromFile: 'risk-key' } }]));
    expect(await said('diff')).toBe(nothing);
    await run('export', folder, ...on(second));
    expect(JSON.parse(read('secrets.json'))).toEqual([{ name: 'RISK_KEY', value: { fromFile: 'risk-key' } }]);
  });

  it('are taken from nobody who says nothing of them, and taken away by pruning', async () => {
    rmSync(file('secrets.json'));
    expect(await said('apply')).toContain('secrets «RISK_KEY» is on the server alone\n');
    expect(await second.api.list('/secrets')).toHaveLength(1);
    await said('apply', '--prune');
    expect(await second.api.list('/secrets')).toEqual([]);
  });
});

it.each<[string, () => string[], RegExp]>([
  [
    'a secret that stands in a file',
    () => {
      writeFileSync(file('secrets.json'), JSON.stringify([{ name: 'KEY', value: 'known to all' }]));
      return ['apply', folder, ...on(first)];
    },
    /^(?!.*known to all).*secrets «KEY»: no value stands in a file; say \{"fromEnv": "NAME"\}/s,
  ],
  [
    'a file that is none of ours',
    () => {
      rmSync(file('secrets.json'));
      writeFileSync(file('groups.json'), '{"staff": true}');
      return ['apply', folder, ...on(first)];
    },
    /groups\.json/,
  ],
  ['a folder that is not there', () => ['diff', join(directory, 'nowhere'), ...on(first)], /is not there/],
  [
    'a setting that there is not',
    () => {
      writeFileSync(file('groups.json'), '[]');
      writeFileSync(file('connections/Google.json'), JSON.stringify({ colour: 'red' }));
      return ['apply', folder, ...on(first)];
    },
    /connections «Google»: there is no setting «colour»/,
  ],
  ['no server', () => ['export', folder], /--server must be a URL/],
])('%s is a wrong call', async (_what, args, message) => {
  expect(await run(...args())).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
});

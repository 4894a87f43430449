import { afterAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/connections/connection.ts';
import { after, createLab, google, googleWithoutJit, tell } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());

const linking = { ...google.jit.linking, enabled: true };
const withJit = (jit: Partial<Connection['jit']>): Connection => ({ ...google, jit: { ...google.jit, ...jit } });

/** Paths of those who came from Google and went on to the factor. */
async function beyondGoogle(script: string, connection: Connection) {
  const found = await explore(script, { connections: [connection] });
  const paths = found.paths.map(tell).filter((path) => path.startsWith('Google > '));
  return { ...found, told: paths.map((path) => path.slice('Google > '.length)).toSorted() };
}

const asksResult = after(`executeStep(2, { onSuccess: function (context) {
      if (context.steps[1].provisioning && context.steps[1].provisioning.result == 'created') fail();
    } });`);

describe('what provisioning did, where the script looks at it,', () => {
  it.each<[string, Partial<Connection['jit']>, string[]]>([
    ['as the connection is made', {}, ['created = failure', 'unchanged = success', 'updated = success']],
    ['where nothing is brought up to date', { attributeSync: 'NONE' }, ['created = failure', 'unchanged = success']],
    [
      'where accounts are linked',
      { linking },
      ['created = failure', 'linked = success', 'unchanged = success', 'updated = success'],
    ],
  ])('is each result that the settings allow, and nothing is left open: %s', async (_, jit, results) => {
    const { told, complete } = await beyondGoogle(asksResult, withJit(jit));
    const looked = told.flatMap((path) => path.match(/provisioning (.*)$/)?.[1] ?? []);
    expect({ complete, looked }).toEqual({ complete: true, looked: results });
  });

  it('is known from the first where it is off, and nothing at all for a stranger', async () => {
    const script = after(
      "var told = context.steps[1].provisioning; if (told && told.result == 'known') executeStep(2);",
    );
    const { paths, complete, properties } = await explore(script, { connections: [googleWithoutJit] });
    const found = paths.map(tell).filter((path) => path.startsWith('Google'));
    expect(found.toSorted()).toEqual([
      'Google, with an account > context.steps[1].provisioning known > cancel = failure',
      'Google, with an account > context.steps[1].provisioning known > fail = failure',
      'Google, with an account > context.steps[1].provisioning known > success = success',
      'Google, without an account > context.steps[1].provisioning disabled = success',
    ]);
    expect(complete).toBe(true);
    expect(properties.find(({ name }) => name.includes('JIT off'))?.verdict).toBe('holds');
  });

  it('is known of somebody whom the session knows, who is not looked up again', async () => {
    const { paths, complete } = await explore(asksResult);
    const bySession = paths.map(tell).filter((path) => path.startsWith('Google, by the session > success'));
    expect({ complete, bySession }).toEqual({
      complete: true,
      bySession: ['Google, by the session > success > context.steps[1].provisioning known = success'],
    });
  });

  it('is pending before an account is needed, and makes no more paths than that', async () => {
    const { told, complete } = await beyondGoogle(
      after("if ((context.steps[1].provisioning || {}).result !== 'pending') fail(); else executeStep(2);"),
      google,
    );
    const pending = 'context.steps[1].provisioning pending';
    expect({ complete, told }).toEqual({
      complete: true,
      told: [`${pending} > cancel = failure`, `${pending} > fail = failure`, `${pending} > success = success`],
    });
  });

  it('leaves a path open where the account itself is looked at', async () => {
    const { open } = await beyondGoogle(
      after("if ((context.steps[1].provisioning || {}).userId == 'user_1') fail();"),
      google,
    );
    expect(open.map(({ what, line }) => [what, line])).toEqual([['context.steps[1].provisioning.userId', 3]]);
  });
});

describe('a refused account', () => {
  const answers = after('executeStep(2, { onFail: function (context) { executeStep(1); } });');

  it('is one path more for a handler, and ends the sign-in there', async () => {
    const { told, complete } = await beyondGoogle(answers, google);
    expect(complete).toBe(true);
    expect(told).toContain('fail: no account is made > Google = failure');
    expect(told).toContain('fail > Google = success');
  });

  it('is none where nobody can be refused', async () => {
    const { told } = await beyondGoogle(answers, withJit({ onConflict: 'SUFFIX_USERNAME' }));
    expect(told.filter((path) => path.includes('no account'))).toEqual([]);
  });

  it('is told with its reason to a script that looks', async () => {
    const script = after(`executeStep(2, { onFail: function (context) {
      var told = context.steps[1].provisioning;
      if (told.problem && told.problem.code === 'USERNAME_TAKEN') sendError('');
      else fail();
    } });`);
    const { told, complete, coverage } = await beyondGoogle(script, google);
    expect(complete).toBe(true);
    expect(told.filter((path) => path.startsWith('fail: no account'))).toEqual([
      'fail: no account is made > context.steps[1].provisioning failed: USERNAME_TAKEN = failure',
      'fail: no account is made > context.steps[1].provisioning refused: ACCOUNT_DISABLED = failure',
      'fail: no account is made > context.steps[1].provisioning refused: ACCOUNT_LOCKED = failure',
      'fail: no account is made > context.steps[1].provisioning refused: CONNECTION_DISABLED = failure',
    ]);
    expect(coverage.branches.missed).toEqual([]);
  });
});

describe('an account that nothing needs before the end', () => {
  const letsIn = after('');
  const conflicts: [string, string | null][] = [
    ['Google', null],
    ['Google', 'USERNAME_TAKEN'],
  ];

  it.each<[string, Partial<Connection['jit']>, [string, string | null][]]>([
    ['a user name may be taken', {}, conflicts],
    [
      'an account may not be theirs',
      { onConflict: 'SUFFIX_USERNAME', linking },
      [
        ['Google', null],
        ['Google', 'LINK_REFUSED'],
      ],
    ],
    ['nobody can be refused', { onConflict: 'SUFFIX_USERNAME' }, [['Google', null]]],
    [
      'provisioning is off',
      { enabled: false },
      [
        ['Google, with an account', null],
        ['Google, without an account', null],
      ],
    ],
  ])('may be refused there, once for each way there: %s', async (_, jit, ends) => {
    const { paths, complete } = await explore(letsIn, { connections: [withJit(jit)] });
    const found = paths.filter(({ subject }) => subject?.idp === 'Google');
    expect(found.map(({ answers, outcome }) => [answers[0]?.answer, outcome.code])).toEqual(ends);
    const of = (code: string) => [code, 'CONNECTION_DISABLED', 'ACCOUNT_LOCKED', 'ACCOUNT_DISABLED'];
    expect(found.map(({ endsWithoutAccount = null }) => endsWithoutAccount)).toEqual(
      ends.map(([, code]) => code && of(code)),
    );
    expect(complete).toBe(true);
  });

  it.each([
    ['a factor of theirs was passed before', 'executeStep(2);'],
    ['the script lets the account be', "executeStep(1, { stepOptions: { provisionUser: 'false' } }, {});"],
    ['it was there when they came', 'if (!(context.steps[1].provisioning || {}).userId) fail();'],
  ])('is not refused there where %s', async (_, body) => {
    const { paths } = await explore(after(body));
    expect(paths.some(({ outcome }) => outcome.result === 'success')).toBe(true);
    expect(paths.filter(({ endsWithoutAccount }) => endsWithoutAccount)).toEqual([]);
  });

  it('counts to the bound on paths', async () => {
    const { paths, complete, cut } = await explore(letsIn, { bounds: { paths: 4 } });
    expect({ paths: paths.length, complete }).toEqual({ paths: 4, complete: false });
    expect(cut).toMatchObject([{ reason: 'paths', paths: 1 }]);
  });
});

describe('somebody for whom there is no account', () => {
  it.each([
    ['the connection makes none', googleWithoutJit, 'ACCOUNT_REQUIRED'],
    ['no rule links them', withJit({ linking: { ...linking, skipJitOnNoMatch: true } }), 'ACCOUNT_NOT_MADE'],
  ])('is told what a live sign-in says: %s', async (_, connection, code) => {
    const { paths } = await explore(after('executeStep(2);'), { connections: [connection] });
    const lacking = paths.filter(({ steps }) => steps.some(({ lacksAccount }) => lacksAccount));
    expect(lacking.map((path) => [tell(path), path.outcome.code])).toEqual([
      ['Google, without an account > fail: there is no account = failure', code],
    ]);
  });

  it('may come to a factor where the script lets the account be after they came', async () => {
    const later = "executeStep(1, { stepOptions: { provisionUser: 'false' } }, {}); executeStep(2);";
    const { paths, complete, properties } = await explore(after(later));
    const lacking = paths.filter(({ steps }) => steps.some(({ lacksAccount }) => lacksAccount));
    expect(lacking.map((path) => [tell(path), path.outcome.code])).toEqual([
      ['Google > Google > fail: there is no account = failure', 'ACCOUNT_NOT_MADE'],
    ]);
    expect(complete).toBe(true);
    expect(properties.find(({ name }) => name.includes('JIT off'))).toMatchObject({ verdict: 'broken' });
  });
});

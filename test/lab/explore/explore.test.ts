import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { after, createLab, googleWithoutJit, tell } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());

const mission = readFileSync(new URL('../../../scripts/mfa-for-local-users/script.js', import.meta.url), 'utf8');
const password = 'Username and password';

describe('the mission’s script', () => {
  it('has these paths and no others', async () => {
    const { complete, paths, coverage, unreachableSteps, failing } = await explore(mission);
    expect(paths.map(tell).toSorted()).toEqual([
      'Google = failure',
      'Google = success',
      `${password} > cancel = failure`,
      `${password} > fail = failure`,
      `${password} > success = success`,
      'cancel = failure',
      'fail = failure',
    ]);
    expect({ complete, unreachableSteps, failing }).toEqual({ complete: true, unreachableSteps: [], failing: [] });
    expect(coverage).toMatchObject({ lines: { missed: [] }, branches: { missed: [] } });
  });

  it('shows people with and without an account where provisioning is off, and no factor for the latter', async () => {
    const { complete, paths } = await explore(mission, { connections: [googleWithoutJit] });
    const google = paths.map(tell).filter((path) => path.startsWith('Google'));
    expect(google).toEqual(['Google, with an account = success', 'Google, without an account = success']);
    expect({ complete, lacking: paths.flatMap(({ steps }) => steps.filter((step) => step.lacksAccount)) }).toEqual({
      complete: true,
      lacking: [],
    });
  });

  it.each([
    [
      'goes on with the password where the script links accounts',
      "doAssociationWithLocalUser(context.subject, 'x');",
      true,
    ],
    ['cannot pass somebody else’s password where it does not', '', false],
  ])('somebody without an account %s', async (_what, link, passes) => {
    const script = after(`var password = { authenticationOptions: [{ authenticator: 'basic' }] };
    if (context.steps[1].idp !== 'LOCAL') executeStep(1, password, { onSuccess: function (context) { ${link} } });`);
    const { paths } = await explore(script, { connections: [googleWithoutJit] });
    const found = paths.map(tell).some((path) => path.startsWith('Google, without an account > success'));
    expect(found).toBe(passes);
  });

  it('is drawn as a graph in which the same question is asked in one place', async () => {
    const { graph, tree } = await explore(mission);
    expect(graph.nodes.map(({ title, line }) => [title, line])).toEqual([
      ['onLoginRequest', null],
      ['Step 1', 4],
      ['Step 2', 7],
      ['signed in', null],
      ['refused', 7],
      ['refused', 7],
      ['refused', null],
      ['refused', 4],
      ['refused', 4],
    ]);
    const toEnd = graph.edges.filter(({ to }) => to === 3).map(({ answers }) => answers);
    expect(toEnd).toEqual([['success'], ['Google']]);
    const all = 'USERNAME_TAKEN, CONNECTION_DISABLED, ACCOUNT_LOCKED, ACCOUNT_DISABLED';
    const withoutAccount = graph.nodes.find(({ detail }) => detail === all)?.id;
    const { answers } = graph.edges.find(({ to }) => to === withoutAccount)!;
    expect(answers).toEqual(['Google: no account is made']);
    expect(tree.edges).toHaveLength(tree.nodes.length - 1);
  });
});

describe('what a script reads', () => {
  it.each([
    ['the clock', 'if (new Date().getUTCHours() > 17) executeStep(2);', 'the clock', [3, 9]],
    ['chance', 'if (Math.random() < 0.5) executeStep(2);', 'Math.random()', [3, 14]],
    ['the address', "if (context.request.ip == '192.0.2.1') executeStep(2);", 'context.request.ip', [3, 25]],
    [
      'a header',
      "if (context.request.headers['X-A'] == 'b') executeStep(2);",
      'context.request.headers["x-a"]',
      [3, 32],
    ],
    ['a parameter', 'if (context.request.params.a) executeStep(2);', 'context.request.params["a"]', [3, 32]],
    ['a claim', "if (context.subject.localClaims['dob'] == 'x') executeStep(2);", 'localClaims["dob"]', [3, 36]],
    ['a cookie', "if (getCookieValue(context.request, 'a') == 'b') executeStep(2);", 'getCookieValue', [3, 9]],
  ])('%s leaves a path open, and its own literals are tried', async (_, body, what, [line, column]) => {
    const { complete, open, paths } = await explore(after(body));
    expect(complete).toBe(false);
    expect(open.map(({ what }) => what)).toContain(what);
    expect(open[0]).toMatchObject({ line, column });
    const ended = paths.filter(({ outcome }) => outcome.result === 'success').map(({ steps }) => steps.length);
    expect([...new Set(ended)].toSorted()).toEqual([1, 2]);
  });

  it('of a finite domain is tried in full, and leaves nothing open', async () => {
    const { complete, paths } = await explore(after("if (hasRole(context.subject, 'admin')) executeStep(2);"));
    expect(complete).toBe(true);
    expect(paths.map(tell).filter((path) => path.includes('false'))).toEqual([
      `${password} > hasRole false = success`,
      'Google > hasRole false = success',
      'Google > hasRole false = failure',
    ]);
  });

  it('is the same when it is asked again, until the script changes it', async () => {
    const asksTwice = "hasRole(context.subject, 'a'); CHANGE hasRole(context.subject, 'a');";
    const count = async (change: string) => {
      const { paths } = await explore(after(asksTwice.replace('CHANGE', change)));
      return paths.filter(({ subject }) => subject?.idp === 'LOCAL').length;
    };
    expect(await count('')).toBe(2);
    expect(await count("assignUserRoles(context.subject, ['a']);")).toBe(8);
  });

  it('of the ACR values is each of the list, and none', async () => {
    const { complete, paths } = await explore(after("if (selectAcrFrom(context, ['a', 'b']) == 'b') fail();"));
    const local = paths.filter(({ subject }) => subject?.idp === 'LOCAL').map(tell);
    expect({ complete, local: local.toSorted() }).toEqual({
      complete: true,
      local: [
        `${password} > requested ACR values a = success`,
        `${password} > requested ACR values b = failure`,
        `${password} > requested ACR values none of them = success`,
      ],
    });
  });
});

describe('a step without a page', () => {
  const silently = (first: string, then: string) => `function onLoginRequest(context) {
    executeStep(1, ${first}{ onFail: function () { executeStep(1, { stepOptions: { skipPrompt: true } }, ${then}); } });
  }`;
  const options =
    "{ onSuccess: function () {}, onFail: function () { fail(); }, onUserAbort: function () {\n Log.info('never');\n} }";

  it('passes by what was typed before or not at all: nobody is there who could choose or cancel', async () => {
    const { complete, paths, coverage } = await explore(silently('', options));
    expect(paths.map(tell).toSorted()).toEqual([
      'Google = failure',
      'Google = success',
      `${password} = success`,
      'cancel > fail = failure',
      `fail > ${password} = success`,
      'fail > fail = failure',
    ]);
    expect({ complete, missed: coverage!.lines.missed }).toEqual({ complete: true, missed: [3] });
  });

  it('passes by no password where none is known', async () => {
    const google = "{ authenticationOptions: [{ idp: 'Google' }] }, ";
    const { paths } = await explore(silently(google, options));
    expect(paths.map(tell).toSorted()).toEqual([
      'cancel > fail = failure',
      'fail > fail = failure',
      'success = failure',
      'success = success',
    ]);
  });

  it('that has not run yet may be what the session knows, in every way of the step', async () => {
    const { paths } = await explore(`function onLoginRequest() {
      executeStep(1, { stepOptions: { skipPrompt: 'true' } }, {});
    }`);
    expect(paths.map(tell).toSorted()).toEqual([
      'Google = failure',
      'Google = success',
      `${password} = success`,
      'fail = failure',
    ]);
  });
});

describe('what does not end', () => {
  it('is cut at the bound, and named with its place', async () => {
    const script =
      'function onLoginRequest() { again(); }\nfunction again() {\n  executeStep(1, { onFail: again });\n}';
    const { complete, cut, paths } = await explore(script);
    expect(complete).toBe(false);
    expect(cut).toEqual([
      {
        reason: 'loop',
        line: 3,
        column: 3,
        paths: 64,
        message: 'The call is made again and again: it was followed 6 times.',
      },
    ]);
    expect(paths.filter(({ outcome }) => outcome.result === 'cut')).toHaveLength(64);
  });

  it('ends at the bound on paths where there are a thousand million', async () => {
    const asks = "for (var i = 0; i < 30; i++) hasRole(context.subject, 'r' + i);";
    const { complete, cut, paths } = await explore(after(asks), { bounds: { paths: 40 } });
    expect({ complete, paths: paths.length }).toEqual({ complete: false, paths: 40 });
    expect(cut).toMatchObject([{ reason: 'paths', line: 3 }]);
  });

  it('ends at the bound on time', async () => {
    const asks = "for (var i = 0; i < 30; i++) hasRole(context.subject, 'r' + i);";
    const { complete, cut } = await explore(after(asks), { bounds: { timeMs: 50 } });
    expect(complete).toBe(false);
    expect(cut).toMatchObject([{ reason: 'time' }]);
  });
});

describe('what breaks', () => {
  it('is told with its place, and with the shortest path to it', async () => {
    const { failing, paths } = await explore(after("if (hasRole(context.subject, 'x')) context.nobody.name;"));
    expect(failing).toMatchObject([{ code: 'SCRIPT_ERROR', line: 3, column: 55, paths: 2 }]);
    const shortest = paths.find(({ number }) => number === failing[0]?.path);
    expect(shortest && tell(shortest)).toBe(`${password} > hasRole true = error`);
  });

  it('is a step that no path comes to, and a line that none runs', async () => {
    const { unreachableSteps, coverage } = await explore(after('if (false) {\n executeStep(2);\n}'));
    expect(unreachableSteps).toEqual([2]);
    expect(coverage.lines.missed).toEqual([4]);
    expect(coverage.branches.missed).toEqual([{ line: 3, column: 16 }]);
  });

  it.each([
    ['a script that cannot be parsed', 'function (', 'SCRIPT_SYNTAX'],
    ['a script without its entry', 'var a = 1;', 'SCRIPT_ERROR'],
    ['a wrong call', after("hasRole('ann', 'x');"), 'SCRIPT_ERROR'],
    [
      'a question about nobody',
      "function onLoginRequest(context) { isWithinSessionLimit(context, { sessionLimit: '3' }); }",
      'SCRIPT_ERROR',
    ],
  ])('is %s', async (_, script, code) => {
    const { failing } = await explore(script);
    expect(failing.map((each) => each.code)).toEqual([code]);
  });
});

describe('a script that makes much of everything', () => {
  it('is explored up to a bound, and what it said is not kept', async () => {
    const long = "var much = new Array(250000).join('x'); Log.info(much);";
    const asks =
      "for (var i = 0; i < 12; i++) hasRole(context.subject, 'r' + i); httpGet('https://risk.example/' + much, {});";
    const { cut, complete, paths } = await explore(after(long + asks));
    expect({ complete, cut }).toEqual({ complete: false, cut: [expect.objectContaining({ reason: 'memory' })] });
    expect(JSON.stringify(paths[0]).length).toBeLessThan(20_000);
  });
});

import { describe, expect, test } from 'vitest';
import type { Finding, FindingCode } from '../../src/validator/finding.ts';
import { type Case, type Cases, login, password, plain, plain1, totp } from './cases/case.ts';
import { cases } from './cases/index.ts';
import { longOnes } from './cases/text.ts';
import { afterStep1, findingsOf, knowledge, stepsOf } from './knowledge.ts';

/*
 * A mend is worth nothing unless it mends. Where it gives a name, that is put in the place of the finding; the others are
 * applied here by hand, as an author would.
 */

interface NamedMend {
  code: FindingCode;
  why: string;
  of: Case;
  finding: Finding;
  meant: string;
}

const named = (Object.entries(cases) as [FindingCode, Cases[FindingCode]][]).flatMap(([code, { has }]) =>
  has.flatMap(([why, of]): NamedMend[] =>
    findingsOf(...of).flatMap((finding) => {
      const meant = /Did you mean «?([^»?]+)»?\?$/.exec(finding.mend ?? '')?.[1];
      return finding.code === code && meant !== undefined ? { code, why, of, finding, meant } : [];
    }),
  ),
);

test.each(named)('the name that $code gives mends it: $why', ({ code, of, finding, meant }) => {
  const before = findingsOf(...of);
  const after = findingsOf(...putName(of, finding, meant));
  expect(after.filter((each) => each.code === code)).toEqual([]);
  expect(before.map((each) => each.code)).toEqual(expect.arrayContaining(after.map((each) => each.code)));
});

/** Puts a name where a finding is, in the script or in the flow. */
function putName([script, flow = {}]: Case, { path, line, column, endColumn }: Finding, name: string): Case {
  if (path !== undefined) {
    const [, step, option] = /^\/steps\/(\d+)\/options\/(\d+)$/.exec(path)!.map(Number);
    const steps = structuredClone(flow.steps!);
    const one = steps[step!]!.options[option!]!;
    steps[step!] = {
      options: steps[step!]!.options.with(option!, 'idp' in one ? { idp: name } : { authenticator: name }),
    };
    return [script, { ...flow, steps }];
  }
  const lines = script!.split('\n');
  const text = lines[line! - 1]!;
  const quoted = /['"]/.test(text[column! - 1]!) ? `'${name}'` : name;
  lines[line! - 1] = text.slice(0, column! - 1) + quoted + text.slice(endColumn! - 1);
  return [lines.join('\n'), flow];
}

const handler = 'function (context) {}';
const known = { ...plain, steps: stepsOf([password, { idp: 'Google' }], [totp]) };
const given = (params: string) => login(`executeStep(1, { authenticatorParams: ${params} }, {});`);
const only = (option: string) => login(`executeStep(1, { authenticationOptions: [${option}] }, {});`);

/** What has a finding, the mend that it is told, and the same with the mend: nothing is left to tell. */
const applied: [code: FindingCode, mend: string, before: Case, after: Case][] = [
  [
    'SCRIPT_SYNTAX',
    'Mend the script at this place.',
    [login('executeStep(1;'), plain],
    [login('executeStep(1);'), plain],
  ],
  [
    'SCRIPT_TOO_LONG',
    'Shorten the script.',
    [`${login('')}//`.padEnd(100_001, 'x'), plain],
    [`${login('')}//`.padEnd(100_000, 'x'), plain],
  ],
  [
    'SCRIPT_TOO_DEEP',
    'Split it into functions, or long expressions into several.',
    [login(`var x = ${'1+'.repeat(600)}1;`), plain],
    [login(`var x = ${'1+'.repeat(300)}1; x = x + ${'1+'.repeat(300)}1;`), plain],
  ],
  [
    'LIBRARIES_TOO_LONG',
    'Require fewer libraries, or shorten them.',
    [login("require('long');"), { ...plain, libraries: longOnes(6) }],
    [login("require('long1');"), { ...plain, libraries: longOnes(6) }],
  ],
  [
    'NO_ENTRY',
    'Write: var onLoginRequest = function (context) { … };',
    ['executeStep(1); executeStep(2);', plain],
    ['var onLoginRequest = function (context) { executeStep(1); executeStep(2); };', plain],
  ],
  [
    'NO_ENTRY',
    'Write: var onLoginRequest = function (context) { … };',
    ["onLoginRequest = 'executeStep(1)'; executeStep(2);", plain1],
    ['onLoginRequest = function (context) { executeStep(1); };', plain1],
  ],
  [
    'NO_ENTRY',
    'Declare it with var, or as function onLoginRequest(context) { … }.',
    ['const onLoginRequest = function () { executeStep(1); };', plain1],
    ['function onLoginRequest(context) { executeStep(1); }', plain1],
  ],
  [
    'NO_ENTRY',
    'Add a script, or switch it off.',
    [null, { ...plain, scriptEnabled: true }],
    [null, { ...plain, scriptEnabled: false }],
  ],
  [
    'UNKNOWN_STEP',
    'The flow has one step, counted from 1: name one of them, or add the step to the flow.',
    [afterStep1('executeStep(2);'), plain1],
    [afterStep1('executeStep(2);'), plain],
  ],
  [
    'UNKNOWN_STEP',
    'The flow has 2 steps, counted from 1: name one of them, or add the step to the flow.',
    [login('executeStep(0);'), plain],
    [login('executeStep(1);'), plain],
  ],
  [
    'UNKNOWN_AUTHENTICATOR',
    'Choose from BasicAuthenticator, totp, email-otp-authenticator.',
    [only("{ authenticator: 'pigeon' }"), plain],
    [only("{ authenticator: 'BasicAuthenticator' }"), plain],
  ],
  [
    'UNKNOWN_CONNECTION',
    'Did you mean «Google»?',
    [only("{ idp: 'Gogle' }"), known],
    [only("{ idp: 'Google' }"), known],
  ],
  [
    'OPTION_NOT_OFFERED',
    'It offers LOCAL BasicAuthenticator. Choose from these, or add the option to the step.',
    [only("{ idp: 'Google' }"), plain],
    [only("{ idp: 'LOCAL', authenticator: 'BasicAuthenticator' }"), plain],
  ],
  [
    'OPTION_NOT_OFFERED',
    'It offers LOCAL BasicAuthenticator. Choose from these, or add the option to the step.',
    [only("{ idp: 'Google' }"), plain],
    [only("{ idp: 'Google' }"), known],
  ],
  [
    'ARGUMENT_COUNT',
    'Write hasRole(user, role).',
    [login("hasRole('manager');"), plain],
    [login("hasRole(context.currentKnownSubject, 'manager');"), plain],
  ],
  [
    'ARGUMENT_COUNT',
    'Write httpGet(url, [headers], [authConfig], callbacks).',
    [login('httpGet();'), plain],
    [login("httpGet('https://a.example', { onSuccess: function () {} });"), plain],
  ],
  [
    'ARGUMENT_COUNT',
    'Write filterAuthenticators([tenant], options, exclude).',
    [login('filterAuthenticators();'), plain],
    [login("filterAuthenticators('carbon.super', context.steps[1].options, 'totp');"), plain],
  ],
  [
    'ARGUMENT_COUNT',
    'Write executeStep(step, [options], [callbacks]).',
    [login('executeStep();'), plain],
    [login('executeStep(1, {}, {});'), plain],
  ],
  [
    'ARGUMENT_SHAPE',
    'Write executeStep(step, { onSuccess: function (context) { … } }).',
    [login(`executeStep(1, ${handler});`), plain],
    [login(`executeStep(1, { onSuccess: ${handler} });`), plain],
  ],
  [
    'ARGUMENT_SHAPE',
    'Write a list of texts in its place: the call ends the sign-in with a script error as it is.',
    [login("hasAnyOfTheRoles(context.subject, 'manager');"), plain],
    [login("hasAnyOfTheRoles(context.subject, ['manager']);"), plain],
  ],
  [
    'ADMINISTRATION_ROLE',
    'Only the API gives and takes it: the call ends the sign-in with a script error.',
    [login("assignUserRoles(context.subject, ['manager', 'admin']);"), plain],
    [login("assignUserRoles(context.subject, ['manager']);"), plain],
  ],
  [
    'OPTIONS_AS_CALLBACKS',
    'They are taken as options. Elsewhere they are ignored: write executeStep(step, options, {}).',
    [login('executeStep(1, { stepOptions: {} });'), plain],
    [login('executeStep(1, { stepOptions: {} }, {});'), plain],
  ],
  [
    'OPTIONS_AS_CALLBACKS',
    'Write options into an argument of their own: executeStep(step, options, callbacks).',
    [login(`executeStep(1, { stepOptions: {}, onSuccess: ${handler} });`), plain],
    [login(`executeStep(1, { stepOptions: {} }, { onSuccess: ${handler} });`), plain],
  ],
  [
    'OPTIONS_AS_CALLBACKS',
    'They are ignored. Write them into the second argument: executeStep(step, options, callbacks).',
    [login('executeStep(1, {}, { stepOptions: {} });'), plain],
    [login('executeStep(1, { stepOptions: {} }, {});'), plain],
  ],
  [
    'CALLBACKS_AS_OPTIONS',
    'Write callbacks into the last argument: executeStep(step, options, callbacks).',
    [login(`executeStep(1, { onSuccess: ${handler} }, {});`), plain],
    [login(`executeStep(1, {}, { onSuccess: ${handler} });`), plain],
  ],
  [
    'OPTION_WITHOUT_EFFECT',
    'What is read here: enrolUserInAuthenticationFlow, enableRetryFromAuthenticator.',
    [given("{ local: { totp: { username: 'ann' } } }"), plain],
    [given('{ local: { totp: { enableRetryFromAuthenticator: true } } }'), plain],
  ],
  [
    'OPTION_WITHOUT_EFFECT',
    'Write { preHandler: function (step, context) { return … } }: true spares the person the page.',
    [login(`promptIdentifierForStep(1, ['x'], { onSuccess: ${handler} });`), plain],
    [
      login(
        `promptIdentifierForStep(1, { preHandler: function (step, context) { return true; } }, { onSuccess: ${handler} });`,
      ),
      plain,
    ],
  ],
  [
    'PARAMETER_NOT_SENT',
    'Give the connection a query parameter with «$authparam{branch}», or take it out.',
    [given('{ federated: { Google: { branch: 1 } } }'), plain],
    [given('{ federated: { Google: {} } }'), plain],
  ],
  [
    'READ_ONLY_MEMBER',
    'Call assignUserRoles or removeUserRoles.',
    [login("context.currentKnownSubject.roles = ['manager'];"), plain],
    [login("assignUserRoles(context.currentKnownSubject, ['manager']);"), plain],
  ],
  [
    'READ_ONLY_MEMBER',
    'Set stepOptions.markAsSubjectIdentifierStep for the step whose person signs in.',
    [login('context.currentKnownSubject = context.steps[2].subject;'), plain],
    [login('executeStep(2, { stepOptions: { markAsSubjectIdentifierStep: true } }, {});'), plain],
  ],
  [
    'READ_ONLY_MEMBER',
    'Write username, which changes what the script sees, or claims, which the application is told.',
    [login("context.subject.identifier = 'ann';"), plain],
    [login("context.subject.username = 'ann'; context.subject.claims.name = 'ann';"), plain],
  ],
  [
    'READ_ONLY_MEMBER',
    'Take the write out, or keep the value in a variable.',
    [login("context.request.ip = '203.0.113.1';"), plain],
    [login("var ip = '203.0.113.1';"), plain],
  ],
  [
    'DEPRECATED_FUNCTION',
    'Use hasRole.',
    [login('oldRole();'), plain],
    [login("hasRole(context.subject, 'manager');"), plain],
  ],
  [
    'CALL_WITHOUT_HANDLERS',
    'Give onSuccess, onFail, onTimeout as the last argument. Without them a failure ends the sign-in.',
    [login("httpGet('https://a.example');"), plain],
    [login("httpGet('https://a.example', { onSuccess: f, onFail: f, onTimeout: f }); function f() {}"), plain],
  ],
  [
    'PROMISE',
    'Write what comes after a step into its onSuccess callback.',
    ['async function onLoginRequest() { await executeStep(1); executeStep(2); }', plain],
    ['function onLoginRequest() { executeStep(1, { onSuccess: function () { executeStep(2); } }); }', plain],
  ],
  [
    'UNREACHABLE_STEP',
    'Call executeStep(2) where the step is wanted, or take it out of the flow.',
    [afterStep1(''), plain],
    [afterStep1('executeStep(2);'), plain],
  ],
  [
    'UNREACHABLE_STEP',
    'Call executeStep(2) where the step is wanted, or take it out of the flow.',
    [afterStep1(''), plain],
    [afterStep1(''), plain1],
  ],
  [
    'AUTHENTICATOR_NOT_AVAILABLE',
    'Choose from BasicAuthenticator, totp, email-otp-authenticator, or handle the failure in onFail.',
    [null, { steps: stepsOf([password], [{ authenticator: 'fido' }]) }],
    [null, plain],
  ],
  [
    'CONNECTION_DISABLED',
    'Enable the connection, or take it out of the step.',
    [null, { steps: stepsOf([password, { idp: 'Old' }]) }],
    [null, { steps: stepsOf([password]) }],
  ],
  [
    'ACCOUNT_REQUIRED',
    "Turn JIT provisioning on for «Partner IdP», or skip the factor in the script for people without an account: if (context.steps[1].idp == 'LOCAL') { executeStep(2); }",
    [afterStep1('executeStep(2);')],
    [afterStep1("if (context.steps[1].idp == 'LOCAL') { executeStep(2); }")],
  ],
];

describe.each(applied)('%s', (code, mend, before, after) => {
  test(mend, () => {
    const found = findingsOf(...before).filter((finding) => finding.code === code);
    expect(new Set(found.map((finding) => finding.mend))).toEqual(new Set([mend]));
    expect(findingsOf(...after)).toEqual([]);
  });
});

/** What is not mended in the script: the thing is made, and then its name is known. */
test.each<[code: FindingCode, mend: string, of: Case, made: object]>([
  [
    'UNKNOWN_ROLE',
    'Make the role: POST /api/v1/roles.',
    [login("hasRole(context.subject, 'xyz');"), plain],
    { names: { ...knowledge.names!, role: ['xyz'] } },
  ],
  [
    'UNKNOWN_SECRET',
    'Make it: POST /api/v1/secrets.',
    [login('compareSecret(secrets.XYZ, secrets.XYZ);'), plain],
    { names: { ...knowledge.names!, secret: ['XYZ'] } },
  ],
  [
    'UNKNOWN_LIBRARY',
    'Make the library first.',
    [login("require('xyz');"), plain],
    { libraries: [{ name: 'xyz', version: 1, source: '' }] },
  ],
  [
    'UNKNOWN_TEMPLATE',
    'Make the template first.',
    [login("prompt('xyz', {});"), plain],
    { promptTemplates: [{ name: 'xyz', version: 1, template: { title: 'X' } }] },
  ],
  [
    'UNKNOWN_CONNECTION',
    'Make the connection first.',
    [null, { steps: stepsOf([{ idp: 'xyz' }]) }],
    { connections: [{ ...knowledge.connections![0]!, name: 'xyz' }] },
  ],
  [
    'CONNECTION_DISABLED',
    'Enable the connection, or take it out of the step.',
    [null, { steps: stepsOf([{ idp: 'Old' }]) }],
    { connections: knowledge.connections!.map((each) => ({ ...each, enabled: true })) },
  ],
  [
    'PARAMETER_NOT_SENT',
    'Give the connection a query parameter with «$authparam{xyz}», or take it out.',
    [given('{ federated: { Google: { xyz: 1 } } }'), plain],
    { connections: knowledge.connections!.map((each) => ({ ...each, parameters: ['xyz'] })) },
  ],
])('%s: %s', (code, mend, of, made) => {
  const [script, flow] = of;
  const before = new Set(findingsOf(script, flow).map((finding) => `${finding.code}: ${finding.mend}`));
  expect(before).toEqual(new Set([`${code}: ${mend}`]));
  expect(findingsOf(script, flow, { ...knowledge, ...made })).toEqual([]);
});

test('every kind of finding has a mend that was tried', () => {
  const tried = new Set([...named.map(({ code }) => code), ...applied.map(([code]) => code)]);
  expect(Object.keys(cases).filter((code) => !tried.has(code as FindingCode))).toEqual([]);
});

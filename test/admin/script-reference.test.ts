import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits, outcomes, stepOptions } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import type { ScriptReference } from '../../src/script-api/reference.ts';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

let world: World;
let reference: ScriptReference;
let page: string;
beforeAll(async () => {
  world = await createWorld();
  reference = (await world.call('GET', '/script-reference')).body;
  const answer = await world.send({ method: 'GET', url: '/api/docs/scripts' });
  page = answer.body;
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
});
afterAll(() => world.close());

describe('The reference of scripts', () => {
  it('has every function that a script may call, and none that it may not', () => {
    const called = [...scriptFunctions.values()].filter(({ internal }) => !internal).map(({ name }) => name);
    expect(reference.functions.map(({ name }) => name)).toEqual(called);
  });

  it('says which callbacks a step and a call take', () => {
    const of = (name: string) => reference.functions.find((fn) => fn.name === name)?.handlers;
    expect(of('executeStep')).toEqual({
      given: 'when given',
      names: ['onSuccess', 'onFail', 'onUserAbort', 'onFallback'],
    });
    expect(of('httpGet')).toEqual({ given: 'always', names: ['onSuccess', 'onFail', 'onTimeout'] });
    expect(of('hasRole')).toBeNull();
  });

  it('says what a dry run does with each, as a rule and in sentences', () => {
    const of = (name: string) => reference.functions.find((fn) => fn.name === name)?.dryRun;
    expect(of('httpGet')).toEqual({
      summary:
        'Nobody is asked. The call stands among the effects. The scenario states the answer under `functions.httpGet`; without it the run ends there, as waiting.',
      stated: 'functions',
      unstated: 'wait',
      recorded: true,
    });
    expect(of('getUserSessions')).toMatchObject({ stated: 'functions', unstated: 'fake', recorded: false });
    expect(of('prompt')).toMatchObject({ stated: 'prompts', unstated: 'wait', recorded: false });
    expect(of('executeStep')).toMatchObject({ stated: 'steps', unstated: 'wait', recorded: false });
    expect(of('getMaskedValue')).toMatchObject({ summary: expect.stringMatching(/^The same as/), unstated: 'run' });
    for (const { name, dryRun } of reference.functions) {
      const shown = dryRun.summary.replaceAll(/`([^`]*)`/g, '<code>$1</code>');
      expect(page, name).toContain(`In a dry run: ${shown}`);
    }
  });

  it('says what each call counts against, and its own limits with their values', () => {
    const of = (name: string) => reference.functions.find((fn) => fn.name === name)!;
    expect(of('httpGet').limits).toEqual(['entries', 'argumentBytes', 'queue', 'callWallMs']);
    expect(of('hasRole')).toMatchObject({ limits: ['entries', 'argumentBytes'], ownLimits: [] });
    expect(of('fail').limits).toEqual(['argumentBytes']);
    expect(of('executeStep').limits).toEqual(['entries', 'argumentBytes', 'queue']);
    for (const { name, ownLimits } of reference.functions) {
      const { limits = {} } = scriptFunctions.get(name)!;
      expect(ownLimits).toEqual(Object.entries(limits).map(([limit, rest]) => ({ name: limit, ...rest })));
      for (const { value, unit } of ownLimits)
        expect(page, name).toContain(`<td>${value.toLocaleString('en')} ${unit}</td>`);
    }
  });

  it('says what each option of a step does, and names none that does nothing', () => {
    const [, options] = reference.functions.find((fn) => fn.name === 'executeStep')!.parameters;
    for (const name of ['authenticationOptions', 'authenticatorParams', 'stepOptions'])
      expect(options?.summary).toContain(`\`${name}\` (`);
    for (const [name, effect] of Object.entries(stepOptions)) {
      if (effect) expect(options?.summary).toContain(`\`${name}\`: ${effect}`);
      else expect(options?.summary).not.toContain(name);
    }
  });

  it('has every authenticator, and a sentence on each of its parameters', () => {
    expect(reference.authenticators.map(({ name }) => name)).toEqual([
      ...localDefinitions.map(({ name }) => name),
      expect.any(String),
    ]);
    for (const { name, parameters } of reference.authenticators) {
      for (const { name: parameter, summary } of parameters) expect(summary, `${name} ${parameter}`).toMatch(/\.$/);
      expect(parameters.map((parameter) => parameter.name)).toContain('enableRetryFromAuthenticator');
    }
  });

  it('has the tables that the engine decides by, and its limits', () => {
    expect(reference.outcomes.map(({ outcome }) => outcome)).toEqual(Object.keys(outcomes));
    expect(Object.fromEntries(reference.limits.map(({ name, value }) => [name, value]))).toEqual(defaultLimits);
    expect(Object.fromEntries(reference.limits.map(({ name, code }) => [name, code]))).toEqual({
      turnCpuMs: 'SCRIPT_TIMEOUT',
      loginCpuMs: 'SCRIPT_LOGIN_TIMEOUT',
      turnWallMs: 'SCRIPT_WALL_TIMEOUT',
      callWallMs: 'CALL_TIMEOUT',
      memoryMiB: 'SCRIPT_MEMORY',
      scriptBytes: 'SCRIPT_TOO_LONG',
      entries: 'SCRIPT_LIMIT',
      queue: 'SCRIPT_QUEUE',
      logLines: null,
      logLineBytes: null,
      argumentBytes: 'SCRIPT_DATA',
    });
  });

  it('is a page without scripts that has all of it', () => {
    expect(page).not.toMatch(/<script/i);
    for (const { name } of [...reference.functions, ...reference.objects]) expect(page).toContain(`id="${name}"`);
    const names = [
      ...reference.objects.flatMap(({ members }) => members.map((member) => member.name)),
      ...reference.authenticators.flatMap(({ parameters }) => parameters.map((parameter) => parameter.name)),
      ...reference.outcomes.map(({ outcome }) => outcome),
      ...reference.verdicts.map(({ rule }) => rule),
      ...reference.limits.map(({ name }) => name),
    ];
    for (const name of names) expect(page).toContain(`<code>${name}</code>`);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
  });

  it('asks for the token where it is data, as all of the API does', async () => {
    expect(await world.send({ method: 'GET', url: '/api/v1/script-reference' })).toMatchObject({ status: 401 });
  });
});

describe('The typings of an application', () => {
  const read = (id: string) => world.call('GET', `/applications/${id}/script-typings`);

  it('name its own steps, options, connections and roles', async () => {
    await world.call('POST', '/connections', aConnection);
    const steps = [
      { options: [{ authenticator: 'basic' }, { idp: 'Google' }] },
      { options: [{ authenticator: 'totp' }] },
    ];
    const { id } = (await world.call('POST', '/applications', { ...anApplication, signInFlow: { steps } })).body;
    await world.call('POST', '/roles', { name: 'clerk' });
    await world.call('POST', '/roles', { name: 'approver', applicationId: id });
    const { status, body, headers } = await read(id);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/typescript; charset=utf-8',
    });
    for (const line of [
      'type StepNumber = 1 | "1" | 2 | "2";',
      '  readonly 1: Step<"LOCAL" | "Google", "BasicAuthenticator" | "OpenIDConnectAuthenticator">;',
      'type ConnectionName = "Google";',
      'type RoleName = "clerk";',
      'type ApplicationRoleName = "approver";',
    ]) {
      expect(body.split('\n')).toContain(line);
    }
    await world.call('PUT', `/applications/${id}/sign-in-flow`, { steps: steps.slice(0, 1) });
    expect((await read(id)).body).toContain('type StepNumber = 1 | "1";');
  });

  it('are there before the application has a flow, and not without an application', async () => {
    const { id } = (await world.call('POST', '/applications', { ...anApplication, name: 'Bare' })).body;
    expect((await read(id)).body).toContain('type StepNumber = never;');
    expect(await read('app_none')).toMatchObject({ status: 404 });
  });
});

describe('A script with an error', () => {
  it('shows its author place, reason and mend at once: in the draft, in a check, and when it is to be published', async () => {
    const steps = [{ options: [{ authenticator: 'BasicAuthenticator' }] }];
    const script =
      "function onLoginRequest(context) {\n  executeStep(1, { onSuccess: function () {\n    hasRole('ann', 'clerk');\n  } });\n}";
    const { id } = (
      await world.call('POST', '/applications', { ...anApplication, name: 'Wrong', signInFlow: { steps } })
    ).body;
    const finding = {
      severity: 'error',
      code: 'ARGUMENT_SHAPE',
      line: 3,
      column: 13,
      endLine: 3,
      endColumn: 18,
      message: 'hasRole: user must be a user object such as context.currentKnownSubject, and "ann" is given.',
      mend: expect.stringContaining('Write a user object'),
    };
    const saved = await world.call('PUT', `/applications/${id}/sign-in-flow`, { steps, script });
    expect(saved).toMatchObject({ status: 200, body: { findings: [finding] } });
    const checked = await world.call('POST', `/applications/${id}/validate`, { steps, script });
    expect(checked).toMatchObject({ status: 200, body: { findings: [finding] } });
    const published = await world.call('POST', `/applications/${id}/sign-in-flow/publish`, {});
    expect(published).toMatchObject({ status: 422, body: { findings: [finding] } });
  });
});

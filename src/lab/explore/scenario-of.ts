import type { StepAnswer } from '../../login/answers.ts';
import { dryRunOf } from '../../script-api/dry-run.ts';
import { scriptFunctions } from '../../script-api/index.ts';
import type { Scenario, ScenarioAttempt } from '../dry-run-types.ts';
import { entriesOf } from './call-answers.ts';
import { type Choice, takenOf, valuesOf } from './choices.ts';
import type { PlayedPath } from './play-path.ts';
import { leftOf, statedOf, wayOf } from './stated-provisioning.ts';
import type { StepAlternative } from './step-answers.ts';
import { subjects } from './strangers.ts';
import { keyOf, usualName, type Values } from './values.ts';

/** A path as a scenario, by which a dry run goes the same way. Chance has no place in one. */
export function scenarioOf({ choices, endRefusal }: Pick<PlayedPath, 'choices' | 'endRefusal'>): Scenario {
  const values = valuesOf(choices);
  const steps: Record<string, ScenarioAttempt[]> = {};
  const functions: NonNullable<Scenario['functions']> = {};
  const prompts: NonNullable<Scenario['prompts']> = [];
  // Whoever came by a password and from a connection is the same person.
  const isLinked = choices.some((choice) => {
    const told = choice.kind === 'step' ? (takenOf(choice) as StepAlternative).told : null;
    return told?.account === 'local' && !told.needsAccount;
  });
  let retries = false;
  let page = 0;
  for (const [i, choice] of choices.entries()) {
    const { kind, name, args } = choice;
    if (kind === 'step') {
      retries ||= args.includes('enableRetryFromAuthenticator');
      const { told, note } = takenOf(choice) as StepAlternative;
      const again = told.outcome === 'fail' && note?.went !== 'refused' && retries ? mostAttempts : 1;
      const made = attemptOf(choice, values, isLinked);
      const isKnown = made.user !== undefined;
      const stated = statedOf(choice, { rest: choices.slice(i + 1), endRefusal, values, isKnown });
      const attempt = { ...made, ...stated };
      const attempts = Array.from({ length: again }, () => attempt);
      if (!isSettled(told)) steps[told.step] = [...(steps[told.step] ?? []), ...attempts];
    } else if (kind === 'prompt') {
      const action = takenOf(choice).label;
      if (action !== 'cancel') page++;
      prompts.push({ action, params: texts(action === 'cancel' ? {} : entriesOf('param', [page], values)) });
    } else if (kind === 'call') {
      const fn = scriptFunctions.get(name);
      if (!fn || fn.internal || fn.domain === 'computed' || dryRunOf(fn).stated !== 'functions') continue;
      const answer = takenOf(choice).answer(values);
      const handled = fn.effect === 'asks' || (fn.handlers !== undefined && choice.handlers.length > 0);
      const { outcome, data } = (handled ? answer : { data: answer }) as { outcome?: 'success'; data: unknown };
      functions[name] = [...(functions[name] ?? []), { ...(outcome === undefined ? {} : { outcome }), data }];
    }
  }
  const time = values.get('clock');
  return {
    ...(time === undefined ? {} : { now: new Date(Number(time)).toISOString() }),
    ...requestOf(values),
    ...(Object.keys(steps).length > 0 ? { steps } : {}),
    ...(Object.keys(functions).length > 0 ? { functions } : {}),
    ...(prompts.length > 0 ? { prompts } : {}),
  };
}

/** More wrong answers than any authenticator takes in one step. */
const mostAttempts = 5;

/** A step that fails before anybody answers takes no attempt. */
function isSettled({ lacksAccount, offered }: StepAlternative['told']): boolean {
  return lacksAccount && offered.every(({ needsAccount }) => needsAccount);
}

function attemptOf(choice: Choice, values: Values, isLinked: boolean): ScenarioAttempt {
  const taken = takenOf(choice) as StepAlternative;
  const { told, answer } = taken;
  const { outcome, idp, authenticator, account } = told;
  if (outcome !== 'success' || idp === null || authenticator === null) return { outcome, ...wayOf(taken) };
  const { user, provisioning, reused } = answer(values) as StepAnswer & { outcome: 'success' };
  if (told.needsAccount) return { outcome, authenticator };
  const field = (name: string) => values.get(keyOf('field', user, name));
  const roles = field('roles') as string[] | undefined;
  const claims = texts(entriesOf('claim', [user], values));
  const id = field('uniqueId');
  const uniqueId = id === undefined ? {} : { uniqueId: String(id) };
  const person = { username: String(field('username') ?? usualName), ...uniqueId, claims, ...(roles ? { roles } : {}) };
  if (account !== 'local') {
    const subject = subjects[account === 'none' ? 'none' : 'account'];
    const hasAccount = provisioning?.userId || (isLinked && account !== 'none');
    return {
      outcome,
      idp,
      ...leftOf(taken),
      subject,
      claims: entriesOf('remote claim', [user], values),
      ...(hasAccount ? { user: person } : {}),
      ...(reused ? { reused: true } : {}),
    };
  }
  return { outcome, idp, authenticator, ...leftOf(taken), user: person };
}

function requestOf(values: Values): Pick<Scenario, 'request'> {
  const ip = values.get('ip');
  const acrValues = values.get('acr values') as string[] | undefined;
  const parts = {
    headers: texts(entriesOf('header', [], values)),
    params: texts(entriesOf('param', [0], values)),
    cookies: texts(entriesOf('cookie', [], values)),
  };
  const said = Object.entries(parts).filter(([, entries]) => Object.keys(entries).length > 0);
  const request = {
    ...(ip === undefined ? {} : { ip: String(ip) }),
    ...(acrValues ? { acrValues } : {}),
    ...Object.fromEntries(said),
  };
  return Object.keys(request).length > 0 ? { request } : {};
}

function texts(entries: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, String(value)]));
}

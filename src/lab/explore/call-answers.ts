import type { Question } from '../../../sandbox/protocol.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { Facts } from '../../login/facts.ts';
import type { PublishedFlow } from '../../login/flow.ts';
import { answerWith, identifierOp, readPreHandler, readPrompt } from '../../login/read-prompt.ts';
import { readCall } from '../../login/turn.ts';
import { tenantDomain } from '../../login/world.ts';
import type { Domain } from '../../script-api/definition.ts';
import { scriptFunctions } from '../../script-api/index.ts';
import type { Preparation, ScriptWorld } from '../../script-api/world.ts';
import type { WrittenFor, WrittenValues } from '../../validator/compared-values.ts';
import { runFunction } from '../run-function.ts';
import { type Alternative, type Choice, takenOf } from './choices.ts';
import { keyOf, openAnswers, usualName, usualTime, type Values } from './values.ts';

/**
 * All answers of a call, by its function's domain.
 * @param earlier what the path has chosen so far: what was asked before is answered as before, until the script changes something
 * @throws ScriptCallError when the call is wrong
 */
export async function listCallAnswers(
  question: Question,
  earlier: readonly Choice[],
  {
    flow,
    facts,
    world,
    writtenFor,
  }: { flow: PublishedFlow; facts: Facts; world: ScriptWorld & Preparation; writtenFor: WrittenFor },
): Promise<{ kind: 'call' | 'prompt'; alternatives: readonly Alternative[] }> {
  const { fn, given } = readCall(question);
  if (fn.effect === 'shows') {
    return { kind: 'prompt', alternatives: listPromptAnswers(question, flow, earlier) };
  }
  if (fn.name === 'user.load') return { kind: 'call', alternatives: [loadPerson(given[0]!, facts, writesOf(earlier))] };
  if (fn.effect === 'asks') return { kind: 'call', alternatives: listOutsideAnswers(question) };

  // Nobody tells the script what came of it.
  if (fn.effect === 'tells') return { kind: 'call', alternatives: [{ label: 'null', answer: () => null }] };

  const said = await runFunction(fn, world, given);
  if (fn.domain === 'computed') {
    return { kind: 'call', alternatives: [{ label: JSON.stringify(said), answer: () => said }] };
  }
  const before = fn.effect === 'reads' ? findSameCall(question, earlier) : null;
  if (before) return { kind: 'call', alternatives: [before] };
  const isText = fn.result.typescript.startsWith('string');
  const answers = listDomain(fn.domain, isText, writtenFor(null));
  return { kind: 'call', alternatives: question.scheduled ? answers.map(asHandled) : answers };
}

function listDomain(domain: Exclude<Domain, 'computed'>, isText: boolean, written: WrittenValues): Alternative[] {
  if ('open' in domain) return openAnswers(domain.open, isText, written);
  return domain.map((value) => ({ label: JSON.stringify(value), answer: () => value }));
}

/** With handlers the answer comes in a turn of its own, and whether it worked is its outcome. */
function asHandled({ label, answer, ...rest }: Alternative): Alternative {
  const data = answer(new Map());
  const outcome = data === false ? 'fail' : 'success';
  return {
    ...rest,
    label: typeof data === 'boolean' ? outcome : `${outcome}: ${label}`,
    answer: (values) => ({ at: timeOf(values), outcome, data }),
  };
}

/** What the world says of people, sessions and settings stays as it was, until the script changes it. */
function findSameCall({ op, args }: Question, earlier: readonly Choice[]): Alternative | null {
  for (const choice of earlier.toReversed()) {
    if (choice.kind === 'call' && choice.name === op && choice.args === args) return takenOf(choice);
    if (choice.kind === 'step' || (choice.kind === 'call' && changesWorld(choice))) return null;
  }
  return null;
}

/** May the world say something else after this call? */
export function changesWorld({ name }: Choice): boolean {
  if (name === 'user.load' || name === 'start') return false;
  const effect = scriptFunctions.get(name)?.effect;
  return effect === 'changes' || effect === 'sends';
}

/** A server outside may answer anything, late, or not at all. */
function listOutsideAnswers({ seq }: Question): Alternative[] {
  const failed = (outcome: 'fail' | 'timeout', code: ErrorCode): Alternative => ({
    label: outcome,
    answer: (values) => ({
      at: timeOf(values),
      outcome,
      data: null,
      failure: { code, params: {}, detail: null },
    }),
  });
  return [
    {
      label: 'success',
      open: 'a server may answer anything',
      // `seq` names the answer, should the script read its data.
      answer: (values) => ({ at: timeOf(values), seq, outcome: 'success', data: entriesOf('data', [seq], values) }),
    },
    failed('fail', 'CALL_FAILED'),
    failed('timeout', 'CALL_TIMEOUT'),
  ];
}

/** The buttons of the page, and the way out. */
function listPromptAnswers(question: Question, flow: PublishedFlow, earlier: readonly Choice[]): Alternative[] {
  const { buttons = [{ name: 'action.success' }] } = readPrompt(question, flow).template;
  const actions = buttons.map(({ name }) => name.slice('action.'.length)).filter((action) => action !== 'cancel');
  const page = earlier.filter((choice) => choice.kind === 'prompt' && takenOf(choice).label !== 'cancel').length + 1;
  const said = question.op === identifierOp ? readPreHandler(question.args) : false;
  const ways = said ? ['skip'] : [...(said === null ? ['skip'] : []), ...actions, 'cancel'];
  return ways.map((action) => ({
    label: action,
    answer: (values) => ({
      ...answerWith(action, {}, timeOf(values)),
      ...(action === 'cancel' ? {} : { params: listed(entriesOf('param', [page], values)) }),
    }),
  }));
}

function loadPerson(
  ref: string,
  facts: Facts,
  writes: readonly [ref: string, uri: string, value: string | null][],
): Alternative {
  const federated = facts.federated.get(ref);
  return {
    label: ref,
    answer(values) {
      const localClaims = entriesOf('claim', [ref], values);
      for (const [whose, uri, value] of writes) {
        if (whose !== ref) continue;
        if (value === null) delete localClaims[uri];
        else localClaims[uri] = value;
      }
      const field = (name: string, usual: unknown) => values.get(keyOf('field', ref, name)) ?? usual;
      return {
        identifier: field('identifier', usualName),
        uniqueId: field('uniqueId', usualName),
        username: field('username', usualName),
        userStoreDomain: 'PRIMARY',
        tenantDomain,
        roles: field('roles', []),
        localClaims,
        remoteClaims: federated ? entriesOf('remote claim', [ref], values) : null,
      };
    },
  };
}

function writesOf(earlier: readonly Choice[]): [string, string, string | null][] {
  return earlier.filter(({ name }) => name === 'user.write').map(({ args }) => JSON.parse(args));
}

/** The entries of an object that were chosen when the script read them; those that are absent are left out. */
export function entriesOf(what: string, of: readonly unknown[], values: Values): Record<string, unknown> {
  const entries: Record<string, unknown> = {};
  for (const [key, value] of values) {
    if (value === undefined || !key.startsWith('[')) continue;
    const parts = JSON.parse(key) as unknown[];
    const name = parts.at(-1);
    if (parts[0] !== what || parts.length !== of.length + 2 || name === '*') continue;
    if (of.every((part, i) => part === parts[i + 1])) entries[String(name)] = value;
  }
  return entries;
}

/** Parameters are lists. */
export function listed(entries: Record<string, unknown>): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, [value]]));
}

export function timeOf(values: Values): number {
  return Number(values.get('clock') ?? usualTime);
}

import type { AnyNode, CallExpression, Program } from 'acorn';
import { isHandlerName, readExecuteStep } from '../execute-step.ts';
import { listChildren } from '../parse-script.ts';
import { isFunction, readProperties, readPropertyName, resolve } from '../script-index.ts';
import { createStatements } from './play-statements.ts';
import { type Reader, refine } from './refine.ts';
import { anyState, beginTurn, firstState, join, keyOf, type State, union } from './state.ts';

/** The script has more ways through it than are followed. */
export class TooManyWays extends Error {
  override readonly name = 'TooManyWays';
}

/** How a step that is about to be scheduled ends, for `play`. */
export interface Scheduled {
  /** The states in which each callback's turn begins; null where it cannot. */
  turns: (handler: string) => State | null;
  /** What the step itself adds to what has run. */
  ran: readonly number[];
}

export interface PlayDeps {
  reader: Reader;
  /** Told of every executeStep, with what may be so when its step begins. */
  schedule(call: ReturnType<typeof readExecuteStep>, step: number, state: State): Scheduled;
}

interface Run {
  /** What may be so when the function has returned. */
  end: State | null;
  /** Which steps may have been scheduled by it, with all that their callbacks schedule. */
  ran: readonly number[];
}

/** Calls within calls, and nodes visited altogether. */
const maxCalls = 60;
const maxVisits = 100_000;

/**
 * Plays a script on sets of possibilities in place of values: every way through it at once. Steps run in the order that the
 * engine keeps: what a callback schedules comes before what was already waiting, so a call of executeStep stands for
 * everything that its callbacks run.
 *
 * @throws TooManyWays, and then nothing is known.
 */
export function playScript(program: Program, { reader, schedule }: PlayDeps): void {
  const { index, offered } = reader;
  const nothing = offered.map(() => 0);
  const everything = anyState(offered).seen;
  const played = new Set<AnyNode>();
  const active = new Map<string, { assumed: Run; depth: number }>();
  const finished = new Map<string, Run>();
  let ran: number[] = [...nothing];
  let visits = 0;
  /** The lowest call on the way whose assumed result was used: results above it are not final. */
  let lowest = Number.POSITIVE_INFINITY;

  const play = createStatements({
    reader,
    evaluate,
    visit,
    ranSince: (work) => {
      const outer = ran;
      ran = [...nothing];
      work();
      const inner = ran;
      ran = union(outer, inner);
      return inner;
    },
  });

  const afterTop = play.statements(program.body, firstState(offered.length)) ?? firstState(offered.length);
  const entry = resolve({ type: 'Identifier', name: 'onLoginRequest', start: 0, end: 0 }, index);
  if (isFunction(entry)) runFunction(entry, afterTop);
  // Functions that are handed on in ways that were not followed: they may be called at any time.
  for (const node of index.nodes) {
    if (!isFunction(node) || played.has(node)) continue;
    const unused = node.type === 'FunctionDeclaration' && node.id && !index.reads.has(node.id.name);
    if (!unused) runFunction(node, anyState(offered));
  }

  function visit(): void {
    if (++visits > maxVisits) throw new TooManyWays();
  }

  function runFunction(fn: AnyNode, state: State): Run {
    const key = `${fn.start}:${keyOf(state)}`;
    const known = finished.get(key);
    if (known) return known;
    const open = active.get(key);
    if (open) {
      lowest = Math.min(lowest, open.depth);
      return open.assumed;
    }
    if (active.size >= maxCalls) throw new TooManyWays();
    played.add(fn);
    const outer = { ran, lowest };
    const self = { assumed: { end: null, ran: nothing } as Run, depth: active.size };
    active.set(key, self);
    for (;;) {
      ran = [...nothing];
      lowest = Number.POSITIVE_INFINITY;
      const end = play.functionBody(fn, state);
      const result: Run = { end: join(end, self.assumed.end), ran: union(ran, self.assumed.ran) };
      // A recursive function is played until what was assumed of its own calls is what comes out.
      const stable = sameRun(result, self.assumed) || lowest > self.depth;
      self.assumed = result;
      if (stable) break;
    }
    active.delete(key);
    if (lowest >= self.depth) finished.set(key, self.assumed);
    ran = outer.ran;
    lowest = Math.min(outer.lowest, lowest >= self.depth ? Number.POSITIVE_INFINITY : lowest);
    return self.assumed;
  }

  function evaluate(node: AnyNode, state: State | null): State | null {
    visit();
    if (state === null || isFunction(node)) return state;
    switch (node.type) {
      case 'LogicalExpression': {
        const left = evaluate(node.left, state);
        if (node.operator === '??') return join(left, evaluate(node.right, left));
        const goesOn = node.operator === '&&';
        const right = evaluate(node.right, refine(node.left, goesOn, left, reader));
        return join(refine(node.left, !goesOn, left, reader), right);
      }
      case 'ConditionalExpression': {
        const test = evaluate(node.test, state);
        return join(
          evaluate(node.consequent, refine(node.test, true, test, reader)),
          evaluate(node.alternate, refine(node.test, false, test, reader)),
        );
      }
      case 'CallExpression':
        return call(node, evaluateAll(listChildren(node), state));
      default:
        return evaluateAll(listChildren(node), state);
    }
  }

  function evaluateAll(nodes: readonly AnyNode[] | ReturnType<typeof listChildren>, state: State | null): State | null {
    return (nodes as AnyNode[]).reduce((now: State | null, node) => evaluate(node, now), state);
  }

  function call(node: CallExpression, state: State | null): State | null {
    if (state === null) return null;
    const callee = resolve(node.callee, index);
    if (isFunction(callee)) return callNow(callee, state);
    if (callee.type === 'Identifier') {
      if (index.bound.has(callee.name)) return add(state, everything);
      if (callee.name === 'executeStep') return executeStep(node, state);
      // After a verdict nothing more is scheduled.
      if (callee.name === 'fail' || callee.name === 'sendError') return null;
      return callWithHandlers(node, state);
    }
    if (callee.type !== 'MemberExpression') return state;
    const method = readProperties(callee.object, index)?.properties.get(readPropertyName(callee) ?? '')?.value;
    if (method && isFunction(method)) return callNow(method, state);
    // `list.forEach(function …)`: none to many calls, now.
    return node.arguments.filter(isFunction).reduce<State | null>((now, fn) => {
      return now && join(now, callNow(fn, now));
    }, state);
  }

  function callNow(fn: AnyNode, state: State): State | null {
    const run = runFunction(fn, state);
    ran = union(ran, run.ran);
    return run.end;
  }

  function executeStep(node: CallExpression, state: State): State {
    const read = readExecuteStep(node, index);
    const steps = read.step === 'unreadable' ? offered.map((_, i) => i) : [(read.step ?? 0) - 1];
    const sum = steps
      .filter((step) => step >= 0 && step < offered.length)
      .map((step) => {
        const { turns, ran: own } = schedule(read, step, state);
        return union(own, read.handlers ? runHandlers(read.handlers, turns) : nothing);
      })
      .reduce(union, nothing);
    return add(state, sum);
  }

  /** `prompt(template, { onSuccess: … })`: callbacks of a later turn. */
  function callWithHandlers(node: CallExpression, state: State): State {
    const later = beginTurn(state, offered);
    const sums = node.arguments.map((argument) => {
      const names = [...(readProperties(argument, index)?.properties.keys() ?? [])];
      return names.some(isHandlerName) ? runHandlers(argument, () => later) : nothing;
    });
    return add(state, sums.reduce(union, nothing));
  }

  function runHandlers(handlers: AnyNode, turns: Scheduled['turns']): readonly number[] {
    const read = readProperties(handlers, index);
    if (!read?.complete) return everything;
    return [...read.properties].reduce<readonly number[]>((sum, [name, { value }]) => {
      const handler = resolve(value, index);
      const state = turns(name);
      if (!isFunction(handler)) return everything;
      return state ? union(sum, runFunction(handler, state).ran) : sum;
    }, nothing);
  }

  function add(state: State, more: readonly number[]): State {
    ran = union(ran, more);
    return { ...state, waiting: union(state.waiting, more) };
  }
}

function sameRun(a: Run, b: Run): boolean {
  return keyOf(a.end) === keyOf(b.end) && a.ran.join() === b.ran.join();
}

import type { AnyNode, Statement, SwitchStatement, TryStatement } from 'acorn';
import { type Reader, refine, refineEqual } from './refine.ts';
import { join, keyOf, type State, union } from './state.ts';

interface StatementDeps {
  reader: Reader;
  evaluate(node: AnyNode, state: State | null): State | null;
  /** Counts the work. */
  visit(): void;
  /** What the work schedules. */
  ranSince(work: () => void): readonly number[];
}

/** A statement that can be left by a jump, with the states that leave it so. */
interface Target {
  kind: 'loop' | 'switch' | 'label';
  breaks: State | null;
  continues: State | null;
}

interface Frame {
  returns: State | null;
  targets: Target[];
}

/** The statements of the language, on sets of possibilities. A state of null is a place that cannot be come to. */
export function createStatements({ reader, evaluate, visit, ranSince }: StatementDeps) {
  return {
    /** What may be so when the function returns, however it returns; throwing ends the sign-in. */
    functionBody(fn: AnyNode, state: State): State | null {
      const { body } = fn as { body: AnyNode } & AnyNode;
      const frame: Frame = { returns: null, targets: [] };
      const end = body.type === 'BlockStatement' ? run(body, state, frame) : evaluate(body, state);
      return join(end, frame.returns);
    },
    statements(body: readonly AnyNode[], state: State): State | null {
      const frame: Frame = { returns: null, targets: [] };
      return join(runAll(body, state, frame), frame.returns);
    },
  };

  function runAll(body: readonly AnyNode[], state: State | null, frame: Frame): State | null {
    return body.reduce((now: State | null, statement) => run(statement, now, frame), state);
  }

  function run(node: AnyNode, state: State | null, frame: Frame): State | null {
    visit();
    if (state === null) return null;
    switch (node.type) {
      case 'BlockStatement':
        return runAll(node.body, state, frame);
      case 'FunctionDeclaration':
      case 'EmptyStatement':
        return state;
      case 'IfStatement': {
        const test = evaluate(node.test, state);
        const then = run(node.consequent, refine(node.test, true, test, reader), frame);
        const not = refine(node.test, false, test, reader);
        return join(then, node.alternate ? run(node.alternate, not, frame) : not);
      }
      case 'ReturnStatement':
        frame.returns = join(frame.returns, node.argument ? evaluate(node.argument, state) : state);
        return null;
      case 'ThrowStatement':
        evaluate(node.argument, state);
        return null;
      case 'BreakStatement':
      case 'ContinueStatement':
        leave(
          node.type === 'BreakStatement' ? 'breaks' : 'continues',
          node.label !== null && node.label !== undefined,
          state,
          frame,
        );
        return null;
      case 'LabeledStatement':
        return within('label', frame, (target) => join(run(node.body, state, frame), target.breaks));
      case 'SwitchStatement':
        return runSwitch(node, state, frame);
      case 'TryStatement':
        return runTry(node, state, frame);
      case 'WhileStatement':
        return loop(state, frame, { test: node.test, body: node.body, testFirst: true });
      case 'DoWhileStatement':
        return loop(state, frame, { test: node.test, body: node.body, testFirst: false });
      case 'ForStatement': {
        const begun = node.init ? evaluate(node.init, state) : state;
        return loop(begun, frame, {
          test: node.test ?? null,
          body: node.body,
          update: node.update ?? null,
          testFirst: true,
        });
      }
      case 'ForInStatement':
      case 'ForOfStatement':
        return loop(evaluate(node.right, state), frame, { test: undefined, body: node.body, testFirst: true });
      default:
        return evaluate(node, state);
    }
  }

  /** @param parts `test`: null is «always», undefined «as often as it likes». */
  function loop(
    entry: State | null,
    frame: Frame,
    parts: { test: AnyNode | null | undefined; body: Statement; update?: AnyNode | null; testFirst: boolean },
  ): State | null {
    const { test, body, update, testFirst } = parts;
    return within('loop', frame, (target) => {
      const check = (state: State | null, truth: boolean) => {
        if (test === undefined) return state;
        if (test === null) return truth ? state : null;
        return refine(test, truth, state && evaluate(test, state), reader);
      };
      let head = entry;
      let exit: State | null = null;
      for (;;) {
        if (testFirst) exit = join(exit, check(head, false));
        const round = run(body, testFirst ? check(head, true) : head, frame);
        let back = join(round, target.continues);
        if (!testFirst) {
          exit = join(exit, check(back, false));
          back = check(back, true);
        }
        if (update && back) back = evaluate(update, back);
        const next = join(head, back);
        if (keyOf(next) === keyOf(head)) return join(exit, target.breaks);
        head = next;
      }
    });
  }

  function runSwitch({ discriminant, cases }: SwitchStatement, state: State, frame: Frame): State | null {
    return within('switch', frame, (target) => {
      const first = evaluate(discriminant, state);
      const tests = cases.flatMap(({ test }) => (test ? [test] : []));
      const none = tests.reduce<State | null>(
        (left, test) => refineEqual(discriminant, test, false, left, reader),
        first,
      );
      let open = first;
      let falling: State | null = null;
      for (const { test, consequent } of cases) {
        const here: State | null = test ? refineEqual(discriminant, test, true, open, reader) : none;
        if (test) open = refineEqual(discriminant, test, false, open, reader);
        falling = runAll(consequent, join(here, falling), frame);
      }
      const hasDefault = cases.some(({ test }) => !test);
      return join(join(falling, target.breaks), hasDefault ? null : none);
    });
  }

  function runTry({ block, handler, finalizer }: TryStatement, state: State, frame: Frame): State | null {
    let end: State | null = null;
    const ran = ranSince(() => {
      end = run(block, state, frame);
    });
    // It may have thrown anywhere.
    const thrown = { ...state, waiting: union(state.waiting, ran) };
    if (handler) end = join(end, run(handler.body, thrown, frame));
    if (!finalizer) return end;
    run(finalizer, thrown, frame);
    return run(finalizer, end, frame);
  }

  function within(kind: Target['kind'], frame: Frame, work: (target: Target) => State | null): State | null {
    const target: Target = { kind, breaks: null, continues: null };
    frame.targets.push(target);
    const end = work(target);
    frame.targets.pop();
    return end;
  }

  /** A jump to a label may leave any of the statements around it. */
  function leave(how: 'breaks' | 'continues', labelled: boolean, state: State, { targets }: Frame): void {
    const fits = ({ kind }: Target) => kind === 'loop' || (how === 'breaks' && kind === 'switch');
    const left = labelled ? targets : targets.filter(fits).slice(-1);
    for (const target of left) target[how] = join(target[how], state);
  }
}

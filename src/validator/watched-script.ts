import type { AnyNode } from 'acorn';
import type { Place } from '../../sandbox/protocol.ts';
import { findWrittenValues, type WrittenFor } from './compared-values.ts';
import { listChildren, parseScript } from './parse-script.ts';
import { isFunction } from './script-index.ts';

/** A place that a script can come by: a statement, or one of the ways behind a condition. */
export interface VisitPlace {
  kind: 'statement' | 'branch' | 'function';
  /** From 1. */
  line: number;
  column: number;
}

/** A script that does the same as before, and calls `visit(n)` at its place n. */
export interface WatchedScript {
  script: string;
  /** A name that the script did not have. */
  visit: string;
  places: readonly VisitPlace[];
  writtenFor: WrittenFor;
  /** A place in this text, as one in the script as it was: lines are the same, columns are not. */
  placeBefore<P extends Place>(place: P): P;
}

/**
 * Gives a script calls at each of its places, so that a play tells where it has been. Only a text that the script makes of
 * its own functions differs. Null for a script that cannot be parsed.
 */
export function watchScript(script: string, maxBytes?: number): WatchedScript | null {
  const parsed = parseScript(script, maxBytes);
  if ('finding' in parsed) return null;
  const { program } = parsed;
  let visit = 'visit';
  for (let n = 1; script.includes(visit); n++) visit = `visit${n}`;
  const places: VisitPlace[] = [];
  const insertions: Insertion[] = [];

  const call = (kind: VisitPlace['kind'], { loc }: AnyNode) => {
    places.push({ kind, line: loc!.start.line, column: loc!.start.column + 1 });
    return `${visit}(${places.length - 1})`;
  };
  const insert = (at: number, text: string, closes = false) =>
    insertions.push({ at, text, closes, order: insertions.length });
  const wrap = (node: AnyNode, open: string, close: string) => {
    insert(node.start, open);
    insert(node.end, close, true);
  };

  /** A statement behind a condition. */
  function branch(node: AnyNode): void {
    if (node.type === 'BlockStatement') insert(node.start + 1, `${call('branch', node)};`);
    else if (node.type !== 'FunctionDeclaration') wrap(node, `{${call('branch', node)};`, '}');
  }

  /** An expression behind a condition. Functions get their names from where they stand, so they stay there. */
  function choice(node: AnyNode): void {
    if (!isFunction(node) && node.type !== 'ClassExpression') wrap(node, `(${call('branch', node)},`, ')');
  }

  function statements(list: readonly AnyNode[]): void {
    for (const node of list) {
      const isDirective = node.type === 'ExpressionStatement' && node.directive !== undefined;
      if (isDirective || node.type === 'FunctionDeclaration' || node.type === 'EmptyStatement') continue;
      insert(node.start, `;${call('statement', node)};`);
    }
  }

  function look(node: AnyNode): void {
    switch (node.type) {
      case 'Program':
      case 'BlockStatement':
      case 'StaticBlock':
        statements(node.body);
        break;
      case 'SwitchCase': {
        const [first] = node.consequent;
        const at = first ? first.start : node.end;
        insert(at, `;${call('branch', node)};`, !first);
        statements(node.consequent);
        break;
      }
      case 'IfStatement':
        // Before what is in it, lest it come before the end of that.
        if (!node.alternate) insert(node.end, ` else {${call('branch', node)}}`, true);
        branch(node.consequent);
        if (node.alternate) branch(node.alternate);
        break;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        branch(node.body);
        break;
      case 'ConditionalExpression':
        choice(node.consequent);
        choice(node.alternate);
        break;
      case 'LogicalExpression':
        choice(node.right);
        break;
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
      case 'FunctionDeclaration':
        if (node.body.type !== 'BlockStatement') wrap(node.body, `(${call('function', node)},`, ')');
        else {
          const last = node.body.body.findLast((each) => each.type === 'ExpressionStatement' && each.directive);
          insert(last?.end ?? node.body.start + 1, `;${call('function', node)};`);
        }
        break;
    }
    for (const child of listChildren(node)) look(child as AnyNode);
  }
  look(program);

  const sorted = insertions.sort(inOrder);
  return {
    script: applyInsertions(script, sorted),
    visit,
    places,
    writtenFor: findWrittenValues(program),
    placeBefore: mapPlaces(script, sorted),
  };
}

interface Insertion {
  at: number;
  text: string;
  /** It ends something that began before, rather than beginning something. */
  closes: boolean;
  order: number;
}

/** At one offset, what ends comes before what begins, and the innermost ends first. */
function inOrder(a: Insertion, b: Insertion): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.closes !== b.closes) return a.closes ? -1 : 1;
  return a.closes ? b.order - a.order : a.order - b.order;
}

function applyInsertions(script: string, insertions: readonly Insertion[]): string {
  let text = '';
  let from = 0;
  for (const insertion of insertions) {
    text += script.slice(from, insertion.at) + insertion.text;
    from = insertion.at;
  }
  return text + script.slice(from);
}

function mapPlaces(script: string, insertions: readonly Insertion[]): WatchedScript['placeBefore'] {
  const byLine = new Map<number, { column: number; length: number }[]>();
  let line = 1;
  let lineStart = 0;
  let at = 0;
  for (const insertion of insertions) {
    for (; at < insertion.at; at++) {
      if (!isLineEnd(script, at)) continue;
      line++;
      lineStart = at + 1;
    }
    const known = byLine.get(line) ?? [];
    byLine.set(line, known);
    known.push({ column: insertion.at - lineStart + 1, length: insertion.text.length });
  }
  return (place) => {
    if (place.line === null || place.column === null || place.library !== undefined) return place;
    let shift = 0;
    for (const { column, length } of byLine.get(place.line) ?? []) {
      if (place.column < column + shift) break;
      shift += Math.min(length, place.column - column - shift);
    }
    return { ...place, column: place.column - shift };
  };
}

/** As V8 counts lines. */
function isLineEnd(text: string, at: number): boolean {
  const char = text[at]!;
  return char === '\n' || char === '\u2028' || char === '\u2029' || (char === '\r' && text[at + 1] !== '\n');
}

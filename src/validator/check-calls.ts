import { checkArguments } from './check-arguments.ts';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge, KnownFunction } from './knowledge.ts';
import { spanOf } from './parse-script.ts';
import type { ScriptIndex } from './script-index.ts';

/** Functions of the language itself that are called by their plain name. */
const languageFunctions = new Set(
  `Array ArrayBuffer BigInt Boolean DataView Date Error EvalError Float32Array Float64Array Int8Array Int16Array Int32Array Map
   Number Object Proxy RangeError ReferenceError RegExp Set String Symbol SyntaxError TypeError URIError Uint8Array
   Uint8ClampedArray Uint16Array Uint32Array WeakMap WeakSet AggregateError decodeURI decodeURIComponent encodeURI
   encodeURIComponent escape unescape isFinite isNaN parseFloat parseInt Promise`.split(/\s+/),
);

/** Calls by name: does the function exist, and does it take these arguments? Functions of the script's own are its affair. */
export function checkCalls(index: ScriptIndex, knowledge: Knowledge, libraries: readonly ScriptIndex[]): Finding[] {
  const { calls, bound } = index;
  const functions = new Map(
    knowledge.functions.flatMap((fn) => [fn.name, ...(fn.aliases ?? [])].map((name) => [name, fn] as const)),
  );
  return calls.flatMap(({ name, node }) => {
    // What a library assigns undeclared is a global, too.
    if (bound.has(name) || libraries.some((library) => library.bound.has(name))) return [];
    const fn = functions.get(name);
    if (fn === undefined) {
      if (languageFunctions.has(name)) return [];
      const meant = findClosest(name, [...functions.keys(), ...bound]);
      return createFinding(
        'UNKNOWN_FUNCTION',
        `Nothing defines ${name}: calling it ends the sign-in with a script error.`,
        {
          span: spanOf(node.callee),
          ...(meant === null ? {} : { mend: `Did you mean ${meant}?` }),
        },
      );
    }
    const count = node.arguments.length;
    if (node.arguments.some(({ type }) => type === 'SpreadElement')) {
      return checkArguments(name, node, { fn, index, knowledge });
    }
    if (count >= fn.minArguments && count <= fn.maxArguments) {
      return checkArguments(name, node, { fn, index, knowledge });
    }
    return createFinding(
      'ARGUMENT_COUNT',
      `${name} takes ${describeCount(fn)}, and ${count} ${count === 1 ? 'is' : 'are'} given.`,
      { span: spanOf(node), mend: `Write ${describeCall(name, fn)}.` },
    );
  });
}

/** «hasRole(user, role)», what may be left out in brackets. */
function describeCall(name: string, { parameters, handlers, tenantInFront }: KnownFunction): string {
  const args = [
    ...(tenantInFront ? ['[tenant]'] : []),
    ...parameters.map(({ name, optional }) => (optional ? `[${name}]` : name)),
    ...(handlers ? [handlers.given === 'always' ? 'callbacks' : '[callbacks]'] : []),
  ];
  return `${name}(${args.join(', ')})`;
}

function describeCount({ minArguments: min, maxArguments: max }: KnownFunction): string {
  const range = min === max ? `${min}` : max === min + 1 ? `${min} or ${max}` : `${min} to ${max}`;
  return `${range} ${range === '1' ? 'argument' : 'arguments'}`;
}

import type { AnyNode } from 'acorn';
import { createFinding, type Finding } from './finding.ts';
import { spanOf } from './parse-script.ts';
import type { ScriptIndex } from './script-index.ts';

/** Calls look synchronous; a promise would outlive its turn. */
export function checkPromises({ nodes, bound }: ScriptIndex): Finding[] {
  return nodes.flatMap((node) => {
    const what = nameOf(node, bound);
    return what === null
      ? []
      : createFinding('PROMISE', `${what} cannot be used in a sign-in script.`, {
          span: spanOf(node),
          mend: 'Write what comes after a step into its onSuccess callback.',
        });
  });
}

function nameOf(node: AnyNode, bound: ReadonlySet<string>): string | null {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.async ? 'An async function' : null;
    case 'AwaitExpression':
      return 'await';
    case 'ForOfStatement':
      return node.await ? 'for await' : null;
    case 'ImportExpression':
      return 'import()';
    case 'Identifier':
      return node.name === 'Promise' && !bound.has('Promise') ? 'Promise' : null;
    default:
      return null;
  }
}

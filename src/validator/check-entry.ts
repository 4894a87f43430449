import type { AnyNode } from 'acorn';
import { createFinding, type Finding } from './finding.ts';
import { spanOf } from './parse-script.ts';
import { isFunction, readPropertyName, resolve, type ScriptIndex } from './script-index.ts';

const entry = 'onLoginRequest';
const mend = `Write: var ${entry} = function (context) { … };`;

/** The script must make a global function `onLoginRequest`. What only the running script could tell passes. */
export function checkEntry(index: ScriptIndex): Finding[] {
  let problem: Finding | null = null;
  for (const statement of index.program.body) {
    if (statement.type === 'FunctionDeclaration' && statement.id.name === entry) return [];
    if (statement.type === 'VariableDeclaration') {
      for (const declarator of statement.declarations) {
        if (declarator.id.type !== 'Identifier' || declarator.id.name !== entry) continue;
        if (statement.kind !== 'var') {
          problem = createFinding(
            'NO_ENTRY',
            `«${entry}» is declared with ${statement.kind}, so it is no global function.`,
            {
              span: spanOf(declarator),
              mend: `Declare it with var, or as function ${entry}(context) { … }.`,
            },
          );
        } else if (declarator.init && canBeFunction(declarator.init, index)) return [];
        else if (declarator.init) problem = noFunction(declarator.init);
      }
    }
  }
  // Assigned somewhere: `onLoginRequest = function …`, `this.onLoginRequest = …`.
  for (const node of index.nodes) {
    if (node.type !== 'AssignmentExpression') continue;
    const { left } = node;
    const name =
      left.type === 'Identifier' ? left.name : left.type === 'MemberExpression' ? readPropertyName(left) : null;
    if (name !== entry) continue;
    if (canBeFunction(node.right, index)) return [];
    problem = noFunction(node.right);
  }
  return [problem ?? createFinding('NO_ENTRY', `The script has no function ${entry}.`, { mend })];
}

function noFunction(value: AnyNode): Finding {
  return createFinding('NO_ENTRY', `«${entry}» is not a function.`, { span: spanOf(value), mend });
}

function canBeFunction(value: AnyNode, index: ScriptIndex): boolean {
  const found = resolve(value, index);
  return (
    isFunction(found) ||
    !/^(Literal|TemplateLiteral|ObjectExpression|ArrayExpression|ClassExpression)$/.test(found.type)
  );
}

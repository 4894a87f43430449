import { type AnyNode, parse } from 'acorn';
import { full } from 'acorn-walk';

export interface Mutant {
  /** What was changed, and where. */
  name: string;
  /** The line of the script that it changes, from 1. */
  line: number;
  script: string;
}

const otherOperators: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
};

/** The script with one thing changed, once for everything in it that says something: cases that are good enough notice each. */
export function makeMutants(script: string): Mutant[] {
  const mutants: Mutant[] = [];
  const put = (node: AnyNode, text: string, start = node.start, end = node.end) => {
    const line = script.slice(0, start).split('\n').length;
    const name = `line ${line}: ${script.slice(start, end).split('\n')[0]} → ${text || 'nothing'}`;
    mutants.push({ name, line, script: script.slice(0, start) + text + script.slice(end) });
  };
  full(parse(script, { ecmaVersion: 2024, sourceType: 'script' }), (plain) => {
    const node = plain as AnyNode;
    switch (node.type) {
      case 'ExpressionStatement':
        put(node, '');
        break;
      case 'IfStatement':
        put(node.test, `!(${script.slice(node.test.start, node.test.end)})`);
        if (node.alternate) put(node.alternate, '{}');
        break;
      case 'BinaryExpression':
      case 'LogicalExpression': {
        const other = otherOperators[node.operator];
        const at = script.indexOf(node.operator, node.left.end);
        if (other) put(node, other, at, at + node.operator.length);
        break;
      }
      case 'ConditionalExpression':
        put(node.test, `!(${script.slice(node.test.start, node.test.end)})`);
        break;
      case 'UnaryExpression':
        if (node.operator === '!') put(node, '', node.start, node.argument.start);
        break;
      case 'ReturnStatement':
        if (node.argument) put(node.argument, 'undefined');
        break;
      case 'Literal':
        if (typeof node.value === 'number') put(node, String(node.value + 1));
        if (typeof node.value === 'string' && node.value !== '') put(node, `'${node.value}x'`);
        if (typeof node.value === 'boolean') put(node, String(!node.value));
        break;
      case 'Property':
        // A literal is changed by itself: what it is may be what goes without saying.
        if (node.value.type !== 'Literal') put(node, 'x: 0');
        break;
      case 'VariableDeclarator':
        if (node.init && node.init.type !== 'Literal') put(node.init, 'undefined');
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        if (node.body.body.length > 0) put(node.body, '{}');
        break;
      case 'CallExpression':
        if (node.callee.type === 'MemberExpression') put(node, '', node.callee.object.end);
        for (const argument of node.arguments) if (!saysNothing(argument)) put(argument, 'undefined');
        break;
      case 'ArrayExpression':
        put(node, '[]');
        break;
    }
  });
  return mutants;
}

/** A literal, which is changed by itself, or `{}`. */
function saysNothing(node: AnyNode): boolean {
  return node.type === 'Literal' || (node.type === 'ObjectExpression' && node.properties.length === 0);
}

import { type AnyNode, parse } from 'acorn';
import { full } from 'acorn-walk';

export interface Mutant {
  /** What was changed, and where. */
  name: string;
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

/** The script with one thing changed, once for everything in it that decides: cases that are good enough notice each. */
export function makeMutants(script: string): Mutant[] {
  const mutants: Mutant[] = [];
  const put = (node: AnyNode, text: string, start = node.start, end = node.end) => {
    const line = script.slice(0, start).split('\n').length;
    const name = `line ${line}: ${script.slice(start, end).split('\n')[0]} → ${text || 'nothing'}`;
    mutants.push({ name, script: script.slice(0, start) + text + script.slice(end) });
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
        if (node.kind === 'init' && /^on[A-Z]/.test(script.slice(node.key.start, node.key.end))) put(node, 'x: 0');
        break;
    }
  });
  return mutants;
}

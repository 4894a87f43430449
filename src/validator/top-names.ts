import type { Pattern } from 'acorn';
import { parseScript } from './parse-script.ts';

/** Names that `let`, `const` and `class` make at the top of a script; none of one that cannot be parsed. */
export function listTopNames(script: string, maxBytes?: number): string[] {
  const parsed = parseScript(script, maxBytes);
  if ('finding' in parsed) return [];
  return parsed.program.body.flatMap((statement) => {
    if (statement.type === 'ClassDeclaration') return [statement.id.name];
    if (statement.type !== 'VariableDeclaration' || statement.kind === 'var') return [];
    return statement.declarations.flatMap(({ id }) => namesIn(id));
  });
}

function namesIn(pattern: Pattern | null): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => namesIn(each.type === 'Property' ? each.value : each.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap(namesIn);
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

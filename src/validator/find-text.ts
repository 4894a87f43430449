import type { Span } from './finding.ts';
import { parseLibrary, parseScript, spanOf } from './parse-script.ts';
import { indexScript } from './script-index.ts';

/** Where a script has a text that is sought, as a string of its own; nowhere in one that cannot be parsed. */
export function findText(
  script: string,
  isSought: (text: string) => boolean,
  { isLibrary = false }: { isLibrary?: boolean } = {},
): Span[] {
  const parsed = isLibrary ? parseLibrary(script) : parseScript(script);
  if ('finding' in parsed) return [];
  return indexScript(parsed.program).nodes.flatMap((node) => {
    const text =
      node.type === 'Literal'
        ? node.value
        : node.type === 'TemplateLiteral' && node.expressions.length === 0
          ? node.quasis[0]?.value.cooked
          : null;
    return typeof text === 'string' && isSought(text) ? [spanOf(node)] : [];
  });
}

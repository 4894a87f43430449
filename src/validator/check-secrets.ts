import { findClosest } from './closest-name.ts';
import { createFinding, type Finding, type Span } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { spanOf } from './parse-script.ts';
import { readPropertyName, type ScriptIndex } from './script-index.ts';

/** `secrets.NAME`: is there a secret of this name? */
export function checkSecrets({ nodes, bound }: ScriptIndex, { names }: Knowledge): Finding[] {
  const known = names?.secret ?? null;
  if (known === null || bound.has('secrets')) return [];
  return nodes.flatMap((node) => {
    if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier' || node.object.name !== 'secrets')
      return [];
    const name = readPropertyName(node);
    return name === null || known.includes(name) ? [] : tellUnknownSecret(name, known, spanOf(node.property));
  });
}

export function tellUnknownSecret(name: string, known: readonly string[], span: Span): Finding {
  const meant = findClosest(name, known);
  return createFinding('UNKNOWN_SECRET', `There is no secret «${name}».`, {
    span,
    mend: meant === null ? 'Make it: POST /api/v1/secrets.' : `Did you mean «${meant}»?`,
  });
}

import { assetKey } from '../script-assets/asset.ts';
import { builtInPrompts } from '../script-assets/prompt-template.ts';
import type { ReachedLibrary } from './check-libraries.ts';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { readNamedArguments } from './named-arguments.ts';
import { spanOf } from './parse-script.ts';
import type { ScriptIndex } from './script-index.ts';

/** The prompt templates that a script may show, itself or by its libraries, and those that do not exist. */
export function reachPrompts(
  script: ScriptIndex,
  reached: readonly ReachedLibrary[],
  known: NonNullable<Knowledge['promptTemplates']> | null,
): { used: NonNullable<Knowledge['promptTemplates']>; findings: Finding[] } {
  if (known === null) return { used: [], findings: [] };
  const byKey = new Map(known.map((template) => [assetKey(template.name), template]));
  const sources = [{ index: script, library: null, span: null }, ...reached];
  const used = new Set<(typeof known)[number]>();
  const findings: Finding[] = [];
  for (const { index, library, span } of sources) {
    const { named, open } = readNamedArguments(index, ['prompt', 'showPrompt']);
    if (open) for (const template of known) used.add(template);
    for (const { name, node } of named) {
      const template = byKey.get(assetKey(name));
      if (template) used.add(template);
      else if (!builtInPrompts.has(name)) {
        const where = library ? `Library «${library.name}», line ${spanOf(node).line}: there` : 'There';
        const meant = findClosest(name, [...known.map((each) => each.name), ...builtInPrompts.keys()]);
        const mend = meant === null ? 'Make the template first.' : `Did you mean «${meant}»?`;
        const message = `${where} is no prompt template «${name}».`;
        findings.push(createFinding('UNKNOWN_TEMPLATE', message, { span: library ? span : spanOf(node), mend }));
      }
    }
  }
  return { used: [...used], findings };
}

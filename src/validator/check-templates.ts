import { assetKey } from '../script-assets/asset.ts';
import { builtInMails, usualCodeMail } from '../script-assets/mail-template.ts';
import { builtInPrompts } from '../script-assets/prompt-template.ts';
import type { ReachedLibrary } from './check-libraries.ts';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding } from './finding.ts';
import { readNamedArguments, readNamedProperties } from './named-arguments.ts';
import { spanOf } from './parse-script.ts';
import type { ScriptIndex } from './script-index.ts';

interface TemplateKind {
  /** «prompt template» */
  label: string;
  /** What uses such a template, and where its name stands among the arguments. */
  functions: readonly string[];
  place: number;
  /** A property that names one, too; `usual` is its name for none of them. */
  property?: { name: string; usual: string };
  /** Those that every server has. */
  builtIn: readonly string[];
}

export const promptTemplates: TemplateKind = {
  label: 'prompt template',
  functions: ['prompt', 'showPrompt'],
  place: 0,
  builtIn: [...builtInPrompts.keys()],
};

export const mailTemplates: TemplateKind = {
  label: 'mail template',
  functions: ['sendEmail'],
  place: 1,
  property: { name: 'notificationTemplate', usual: usualCodeMail },
  builtIn: [...builtInMails.keys()],
};

/** The templates that a script may use, itself or by its libraries, and those that do not exist. */
export function reachTemplates<Template extends { name: string }>(
  { label, functions, place, property, builtIn }: TemplateKind,
  script: ScriptIndex,
  reached: readonly ReachedLibrary[],
  known: readonly Template[] | null,
): { used: Template[]; findings: Finding[] } {
  if (known === null) return { used: [], findings: [] };
  const byKey = new Map(known.map((template) => [assetKey(template.name), template]));
  const sources = [{ index: script, library: null, span: null }, ...reached];
  const used = new Set<Template>();
  const findings: Finding[] = [];
  for (const { index, library, span } of sources) {
    const inCalls = readNamedArguments(index, functions, place);
    const inObjects = property ? readNamedProperties(index, property.name) : { named: [], open: false };
    const named = [...inCalls.named, ...inObjects.named.filter(({ name }) => name !== property?.usual)];
    if (inCalls.open || inObjects.open) for (const template of known) used.add(template);
    for (const { name, node } of named) {
      const template = byKey.get(assetKey(name));
      if (template) used.add(template);
      else if (!builtIn.includes(name)) {
        const where = library ? `Library «${library.name}», line ${spanOf(node).line}: there` : 'There';
        const meant = findClosest(name, [...known.map((each) => each.name), ...builtIn]);
        const mend = meant === null ? 'Make the template first.' : `Did you mean «${meant}»?`;
        const message = `${where} is no ${label} «${name}».`;
        findings.push(createFinding('UNKNOWN_TEMPLATE', message, { span: library ? span : spanOf(node), mend }));
      }
    }
  }
  return { used: [...used], findings };
}

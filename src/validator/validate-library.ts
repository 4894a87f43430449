import { checkCalls } from './check-calls.ts';
import { checkRequires } from './check-libraries.ts';
import { checkPromises } from './check-promises.ts';
import { type Finding, sortFindings } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { parseLibrary } from './parse-script.ts';
import { indexScript } from './script-index.ts';

/**
 * What an admin should know about a script library before it is saved. Errors stop saving. That it requires libraries which
 * do not exist is a warning here: they may be made after it; a flow that uses it is not published without them.
 */
export function validateLibrary(source: string, knowledge: Knowledge): Finding[] {
  const parsed = parseLibrary(source, knowledge.maxScriptBytes);
  if ('finding' in parsed) return [parsed.finding];
  const index = indexScript(parsed.program);
  const missing = checkRequires(index, knowledge.libraries);
  return sortFindings([
    ...checkPromises(index),
    ...checkCalls(index, knowledge, []),
    ...missing.map((finding) => ({ ...finding, severity: 'warning' as const })),
  ]);
}

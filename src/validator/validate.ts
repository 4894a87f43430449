import type { PublishedFlow } from '../login/flow.ts';
import { checkAccounts } from './check-accounts.ts';
import { checkCalls } from './check-calls.ts';
import { checkEntry } from './check-entry.ts';
import { checkExecuteSteps } from './check-execute-step.ts';
import { checkFlow } from './check-flow.ts';
import { reachLibraries } from './check-libraries.ts';
import { checkPromises } from './check-promises.ts';
import { checkSecrets } from './check-secrets.ts';
import { mailTemplates, promptTemplates, reachTemplates } from './check-templates.ts';
import { checkWrites } from './check-writes.ts';
import { createFinding, type Finding, sortFindings } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import { listOffered } from './offered.ts';
import { parseScript } from './parse-script.ts';
import { indexScript } from './script-index.ts';

/**
 * What an admin should know about a flow before people sign in through it. Errors stop publishing. The script is read,
 * never run. A script that is switched off is checked too, but stops nothing: its errors become warnings.
 *
 * It answers for every text, however broken or deep.
 */
export function validateFlow(
  { steps, script, scriptEnabled, libraries: pinned, ...own }: PublishedFlow,
  knowledge: Knowledge,
): Finding[] {
  const offered = listOffered(steps, knowledge);
  const inFlow = checkFlow(steps, knowledge);
  if (script === null) {
    const missing = scriptEnabled
      ? [
          createFinding('NO_ENTRY', 'The script is switched on, and there is none.', {
            mend: 'Add a script, or switch it off.',
          }),
        ]
      : [];
    return sortFindings([...inFlow, ...missing, ...checkAccounts(offered, null)]);
  }

  const parsed = parseScript(script, knowledge.maxScriptBytes);
  if ('finding' in parsed) {
    const inScript = scriptEnabled ? parsed.finding : { ...parsed.finding, severity: 'warning' as const };
    return sortFindings([...inFlow, inScript, ...(scriptEnabled ? [] : checkAccounts(offered, null))]);
  }
  const { program } = parsed;
  const index = indexScript(program);
  const { reached, findings: inLibraries } = reachLibraries(
    index,
    pinned ?? knowledge.libraries,
    knowledge.maxScriptBytes,
  );
  const libraries = reached.map((each) => each.index);
  const inScript = [
    ...checkEntry(index),
    ...checkPromises(index),
    ...inLibraries,
    ...reachTemplates(promptTemplates, index, reached, own.promptTemplates ?? knowledge.promptTemplates ?? null)
      .findings,
    ...reachTemplates(mailTemplates, index, reached, own.mailTemplates ?? knowledge.mailTemplates ?? null).findings,
    ...checkCalls(index, knowledge, libraries),
    ...checkSecrets(index, knowledge),
    ...checkWrites(index, knowledge),
    ...checkExecuteSteps(index, offered, knowledge, libraries),
  ];
  if (!scriptEnabled) {
    const lowered = inScript
      .filter(({ code }) => code !== 'UNREACHABLE_STEP')
      .map((finding) => ({ ...finding, severity: 'warning' as const }));
    return sortFindings([...inFlow, ...lowered, ...checkAccounts(offered, null)]);
  }
  return sortFindings([...inFlow, ...inScript, ...checkAccounts(offered, { program, index }, libraries)]);
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** A flow with all that its script may use, as it is now; what it has been published with before stays as it was. */
export function pinFlow(flow: PublishedFlow, knowledge: Knowledge): PublishedFlow {
  const { script, scriptEnabled } = flow;
  const parsed = script !== null && scriptEnabled ? parseScript(script, knowledge.maxScriptBytes) : null;
  if (!parsed || 'finding' in parsed) return { libraries: [], promptTemplates: [], mailTemplates: [], ...flow };
  const index = indexScript(parsed.program);
  const { reached } = reachLibraries(index, flow.libraries ?? knowledge.libraries, knowledge.maxScriptBytes);
  return {
    libraries: reached.map(({ library }) => library),
    promptTemplates: reachTemplates(promptTemplates, index, reached, knowledge.promptTemplates ?? null).used,
    mailTemplates: reachTemplates(mailTemplates, index, reached, knowledge.mailTemplates ?? null).used,
    ...flow,
  };
}

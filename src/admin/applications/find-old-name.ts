import { connectionKey } from '../../connections/connection.ts';
import type { StoredScenario } from '../../lab/scenario-types.ts';
import type { PublishedFlow } from '../../login/flow.ts';
import { findText } from '../../validator/find-text.ts';
import type { Finding, Span } from '../../validator/finding.ts';
import { createContentFinding } from '../content-error.ts';

/** A connection that has another name now. */
export interface Renamed {
  from: string;
  to: string;
}

/**
 * Where a script, its libraries and its scenarios still have the old name of a connection. That is not changed for them: a
 * script may mean something else by the word. A comparison with it is never true any more.
 */
export function findOldName(
  { script, scriptEnabled, libraries = [] }: PublishedFlow,
  scenarios: readonly StoredScenario[],
  { from, to }: Renamed,
): Finding[] {
  const key = connectionKey(from);
  const isOld = (text: string) => connectionKey(text) === key;
  const warn = (path: string, where: string, span: Partial<Span> = {}): Finding => {
    const message = `The connection «${from}» is called «${to}» now, and ${where} has its old name.`;
    return {
      ...createContentFinding('OLD_CONNECTION_NAME', path, message, `Write «${to}».`),
      severity: 'warning',
      ...span,
    };
  };
  const inScript = script !== null && scriptEnabled ? findText(script, isOld) : [];
  const inLibraries = libraries.flatMap(({ name, source }) =>
    findText(source, isOld, { isLibrary: true }).map(({ line }) => `line ${line} of the library «${name}»`),
  );
  const inScenarios = scenarios.filter(({ scenario: { steps = {} } }) =>
    Object.values(steps).some((attempts) => attempts.some(({ idp }) => idp !== undefined && isOld(idp))),
  );
  return [
    ...inScript.map((span) => warn('/script', 'the script', span)),
    ...inLibraries.map((where) => warn('/script', where)),
    ...inScenarios.map(({ name }) => warn('/scenarios', `the scenario «${name}»`)),
  ];
}

import { assetKey } from '../script-assets/asset.ts';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding, type Span } from './finding.ts';
import type { KnownLibrary } from './knowledge.ts';
import { readNamedArguments } from './named-arguments.ts';
import { parseLibrary, spanOf } from './parse-script.ts';
import { indexScript, type ScriptIndex } from './script-index.ts';

/** Bytes of UTF-8 that the libraries of one flow may have together: they travel to the sandbox with every turn. */
const maxLibraryBytes = 500_000;

export interface ReachedLibrary {
  library: KnownLibrary;
  index: ScriptIndex;
  /** The `require` of the script that leads to it. */
  span: Span | null;
}

/** The libraries that a script may load, its libraries' libraries among them, and what is wrong with that. */
export function reachLibraries(
  script: ScriptIndex,
  known: readonly KnownLibrary[] | null,
  maxBytes?: number,
): { reached: ReachedLibrary[]; findings: Finding[] } {
  if (known === null) return { reached: [], findings: [] };
  const byKey = new Map(known.map((library) => [assetKey(library.name), library]));
  const reached = new Map<string, ReachedLibrary>();
  const findings: Finding[] = [];
  const open: { index: ScriptIndex; from: ReachedLibrary | null }[] = [{ index: script, from: null }];

  for (let next = open.pop(); next; next = open.pop()) {
    const { index, from } = next;
    const { named, open: reachesAny } = readNamedArguments(index, requires);
    for (const { name, node } of named) {
      const library = byKey.get(assetKey(name));
      const span = from ? from.span : spanOf(node);
      if (library) reach(library, span);
      else
        findings.push(
          tellUnknown(name, known, span, from && `Library «${from.library.name}», line ${spanOf(node).line}`),
        );
    }
    if (reachesAny) for (const library of known) reach(library, from?.span ?? null);
  }
  const bytes = [...reached.values()].reduce((sum, { library }) => sum + Buffer.byteLength(library.source), 0);
  if (bytes > maxLibraryBytes) {
    const message = `The libraries that the script may load have ${bytes} bytes together; at most ${maxLibraryBytes} are taken.`;
    findings.push(createFinding('LIBRARIES_TOO_LONG', message, { mend: 'Require fewer libraries, or shorten them.' }));
  }
  return { reached: [...reached.values()], findings };

  function reach(library: KnownLibrary, span: Span | null): void {
    const key = assetKey(library.name);
    if (reached.has(key)) return;
    const parsed = parseLibrary(library.source, maxBytes);
    if ('finding' in parsed) {
      const message = `Library «${library.name}», line ${parsed.finding.line ?? 1}: ${parsed.finding.message}`;
      findings.push(createFinding('SCRIPT_SYNTAX', message, { span }));
      return;
    }
    const found = { library, index: indexScript(parsed.program), span };
    reached.set(key, found);
    open.push({ index: found.index, from: found });
  }
}

/** Requires of a library by itself whose libraries do not exist (yet). */
export function checkRequires(index: ScriptIndex, known: readonly KnownLibrary[] | null): Finding[] {
  if (known === null) return [];
  const keys = new Set(known.map(({ name }) => assetKey(name)));
  const missing = readNamedArguments(index, requires).named.filter(({ name }) => !keys.has(assetKey(name)));
  return missing.map(({ name, node }) => tellUnknown(name, known, spanOf(node), null));
}

function tellUnknown(name: string, known: readonly KnownLibrary[], span: Span | null, where: string | null): Finding {
  const meant = findClosest(
    name,
    known.map((library) => library.name),
  );
  return createFinding(
    'UNKNOWN_LIBRARY',
    `${where === null ? 'There' : `${where}: there`} is no script library «${name}».`,
    {
      span,
      mend: meant === null ? 'Make the library first.' : `Did you mean «${meant}»?`,
    },
  );
}

const requires = ['require', 'loadLocalLibrary'];

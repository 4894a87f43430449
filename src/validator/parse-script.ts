import { type Node, type Program, parse } from 'acorn';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { createFinding, type Finding, type Span } from './finding.ts';

/**
 * Parses a sign-in script as the sandbox does: a sloppy-mode script of ES2024. Scripts that are too long or nested too
 * deeply are a finding, too; what comes back can be walked by recursion.
 */
export function parseScript(script: string, maxBytes = defaultLimits.scriptBytes): Parsed {
  return parseText(script, false, maxBytes);
}

/** Parses a script library: the body of a function of `exports`, `require` and `module`. */
export function parseLibrary(source: string, maxBytes = defaultLimits.scriptBytes): Parsed {
  return parseText(source, true, maxBytes);
}

type Parsed = { program: Program } | { finding: Finding };

function parseText(script: string, isLibrary: boolean, maxBytes: number): Parsed {
  const what = isLibrary ? 'library' : 'script';
  const bytes = Buffer.byteLength(script);
  if (bytes > maxBytes) {
    return {
      finding: createFinding('SCRIPT_TOO_LONG', `The ${what} has ${bytes} bytes; at most ${maxBytes} are taken.`, {
        mend: `Shorten the ${what}.`,
      }),
    };
  }
  try {
    const options = { ecmaVersion: 2024, sourceType: 'script', locations: true } as const;
    const program = parse(script, { ...options, allowReturnOutsideFunction: isLibrary });
    const deep = findDeep(program);
    return deep ? { finding: tooDeep(spanOf(deep)) } : { program };
  } catch (error) {
    // Nesting without end exhausts the stack, which is no harm beyond this call. Within regular expressions acorn leaves it so.
    if (error instanceof RangeError) return { finding: tooDeep() };
    if (!(error instanceof SyntaxError) || !('loc' in error)) throw error;
    const { line, column } = error.loc as { line: number; column: number };
    const span = { line, column: column + 1, endLine: line, endColumn: column + 2 };
    // Elsewhere acorn makes an error of its own of it, which has no other sign.
    if (error.message.startsWith('Not enough stack space')) return { finding: tooDeep(span) };
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    return {
      finding: createFinding('SCRIPT_SYNTAX', `The ${what} cannot be parsed: ${message}.`, {
        span,
        mend: `Mend the ${what} at this place.`,
      }),
    };
  }
}

/** Deeper than any script that people write, and far from the end of the stack. */
const maxDepth = 500;

/** The first node below `maxDepth`. */
function findDeep(program: Program): Node | undefined {
  let level: Node[] = [program];
  for (let depth = 0; depth <= maxDepth; depth++) level = level.flatMap(listChildren);
  return level[0];
}

/** The nodes directly below a node, in the order of the text. */
export function listChildren(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .sort((a, b) => a.start - b.start);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function tooDeep(span: Span | null = null): Finding {
  return createFinding('SCRIPT_TOO_DEEP', 'The script is nested too deeply to be read.', {
    span,
    mend: 'Split it into functions, or long expressions into several.',
  });
}

/** The place of a node, counted from 1. */
export function spanOf({ loc }: Node): Span {
  if (!loc) throw new Error('the script was parsed without locations');
  return {
    line: loc.start.line,
    column: loc.start.column + 1,
    endLine: loc.end.line,
    endColumn: loc.end.column + 1,
  };
}

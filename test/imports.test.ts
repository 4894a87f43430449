import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImportDeclaration, type Node, parse } from 'acorn';
import { simple } from 'acorn-walk';
import { expect, test } from 'vitest';
import { importMap, mutual, packageMap } from './import-map.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  file: string;
  line: number;
  /** As it is written. */
  what: string;
  /** Nothing of it is left when the program runs. */
  isType: boolean;
}

/** All imports of a file, those of types too. */
function readImports(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  // Without the word, stripping leaves the statement in its place, to be parsed like any other.
  const kept = source.replace(/^(import|export) type(?= [\w{*])(?=[^=;]*? from )/gm, '$1     ');
  const code = stripTypeScriptTypes(kept);
  const found: Import[] = [];
  const add = (node: Node, what: unknown, isType: boolean) =>
    found.push({ file, line: source.slice(0, node.start).split('\n').length, what: String(what), isType });
  const declared = (node: Node & Pick<ImportDeclaration, 'source'>) => {
    const statement = source.slice(node.start, node.end);
    const names = /\{([^}]*)\}/
      .exec(statement)?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const onlyTypes = names?.every((name) => name.trim().startsWith('type ')) && !/^\w+\s+\w+\s*,/.test(statement);
    add(node, node.source.value, /^(import|export) type /.test(statement) || onlyTypes === true);
  };
  simple(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), {
    ImportDeclaration: declared,
    ExportAllDeclaration: declared,
    ExportNamedDeclaration: (node) => node.source && declared({ ...node, source: node.source }),
    ImportExpression: (node) => 'value' in node.source && add(node, node.source.value, false),
  });
  return found;
}

/** `src/login/turn.ts` is part of `src/login`, `src/app.ts` of itself, `sandbox/guest/pin.ts` of `sandbox`. */
function partOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'src' ? `${top}/${second}` : top;
}

const targetOf = ({ file, what }: Import) => relative(root, join(root, dirname(file), what)).replaceAll('\\', '/');

const files = globSync('{src,sandbox}/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
const imports = files.flatMap(readImports);
const within = imports.filter(({ what }) => what.startsWith('.'));

test('every part keeps to its line of the import map', () => {
  const faults = within.flatMap((each) => {
    const [from, to] = [partOf(each.file), partOf(targetOf(each))];
    if (from === to) return [];
    const rule = importMap[from];
    const place = `${each.file}:${each.line} imports ${each.what}`;
    if (!rule) return [`${place}: ${from} has no line in test/import-map.ts; give it one.`];
    const { uses = [], knows = [] } = rule;
    if (from !== 'src/kernel' && from !== 'sandbox' && to === 'src/kernel') return [];
    if (uses.includes(to)) return [];
    if (each.isType && (knows.includes(to) || (to === 'src/stores.ts' && from !== 'src/kernel' && from !== 'sandbox')))
      return [];
    if (knows.includes(to)) {
      return [
        `${place}: ${from} may know types of ${to} only. Write «import type», or let src/app.ts hand the code in.`,
      ];
    }
    if (to === 'src/storage') {
      return [
        `${place}: only src/app.ts knows the database. Own an interface, and take its implementation from src/app.ts.`,
      ];
    }
    const allowed = [...uses, ...knows.map((part) => `types of ${part}`)].join(', ') || 'nothing but the kernel';
    return [
      `${place}: ${from} may import ${allowed}. Move what is needed to where both may reach it (src/kernel), take it as a ` +
        'parameter from src/app.ts, or, if the two belong together, say so in test/import-map.ts.',
    ];
  });
  expect(faults).toEqual([]);
});

test('the wall: what the server imports of the sandbox holds no interpreter, and the guest nothing at all', () => {
  // How a call's arguments are read is the same on both sides of the wall.
  const offered = ['pool', 'protocol', 'read-arguments', 'value-types'].map((name) => `sandbox/${name}.ts`);
  const faults = within.flatMap((each) => {
    const target = targetOf(each);
    const outside = partOf(each.file) !== 'sandbox';
    if (outside && partOf(target) === 'sandbox' && !offered.includes(target)) {
      return [
        `${each.file}:${each.line} imports ${target}: scripts run in a process of their own; use sandbox/pool.ts.`,
      ];
    }
    const ours = [...offered, 'sandbox/child-process.ts'];
    if (ours.includes(each.file) && !ours.includes(target)) {
      return [`${each.file}:${each.line} imports ${target}: it runs in the server, and may import ${ours.join(', ')}.`];
    }
    return [];
  });
  const guests = imports.filter(({ file }) => file.startsWith('sandbox/guest/'));
  expect([
    ...faults,
    ...guests.map(({ file, what }) => `${file} imports ${what}: guest code runs where nothing is.`),
  ]).toEqual([]);
});

test('packages that may be exchanged are imported in one place', () => {
  const faults = imports.flatMap(({ file, line, what }) => {
    const owners = packageMap[what];
    if (!owners || owners.includes(partOf(file))) return [];
    return [`${file}:${line} imports ${what}, which belongs to ${owners.join(' and ')}. Use what that part offers.`];
  });
  expect(faults).toEqual([]);
});

test('no parts run each other’s code in a circle, and those that know each other say why', () => {
  const edges = new Map<string, Set<string>>();
  const known = new Set<string>();
  for (const each of within) {
    const [from, to] = [partOf(each.file), partOf(targetOf(each))];
    if (from === to || to === 'src/stores.ts' || from === 'src/stores.ts') continue;
    known.add(`${from} ${to}`);
    if (!each.isType) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  }
  const circles: string[] = [];
  const walk = (part: string, path: string[]) => {
    if (path.includes(part)) {
      const circle = path.slice(path.indexOf(part));
      // Each circle is told once, from its first part by name.
      if (part === [...circle].sort()[0]) circles.push([...circle, part].join(' → '));
      return;
    }
    for (const next of edges.get(part) ?? []) walk(next, [...path, part]);
  };
  for (const part of edges.keys()) walk(part, []);
  expect([...new Set(circles)]).toEqual([]);

  const pairs = [...known].filter((pair) => {
    const [from = '', to = ''] = pair.split(' ');
    return from < to && known.has(`${to} ${from}`);
  });
  expect(pairs.sort()).toEqual(mutual.map(([one, other]) => `${one} ${other}`).sort());
});

test('the import map speaks of parts that there are', () => {
  const parts = new Set(files.map(partOf));
  const named = Object.entries(importMap).flatMap(([part, { uses = [], knows = [] }]) => [part, ...uses, ...knows]);
  expect([...new Set(named)].filter((part) => !parts.has(part))).toEqual([]);
});

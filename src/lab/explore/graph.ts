import type { Place } from '../../../sandbox/protocol.ts';
import { placeOf } from '../../../sandbox/protocol.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { ExploredPath, Graph, PathAnswer } from './explore-types.ts';

type GraphNode = Graph['nodes'][number];
type GraphEdge = Graph['edges'][number];

/**
 * Joins paths where they ask the same at the same place (`graph`), or only as long as they have had the same answers
 * (`tree`).
 */
export function mergeGraph(paths: readonly ExploredPath[], how: 'graph' | 'tree'): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  /** Paths share what they have in common up to where they part. */
  const described = new Map<PathAnswer, { node: Omit<GraphNode, 'id'>; key: string }>();
  const addNode = (key: string, node: Omit<GraphNode, 'id'>): GraphNode => {
    const known = nodes.get(key);
    if (known) return known;
    const added = { id: nodes.size, ...node };
    nodes.set(key, added);
    return added;
  };
  const describe = (asked: PathAnswer & Place, { offered }: Pick<ExploredPath['steps'][number], 'offered'>) => {
    const known = described.get(asked);
    if (known) return known;
    const node = describeNode(asked, offered);
    const fresh = { node, key: keyOf(node) };
    described.set(asked, fresh);
    return fresh;
  };
  const addEdge = (from: GraphNode, to: GraphNode, answer: string | null) => {
    const key = `${from.id} ${to.id}`;
    const known = edges.get(key) ?? { from: from.id, to: to.id, answers: [], paths: 0 };
    edges.set(key, known);
    known.paths++;
    if (answer !== null && !known.answers.includes(answer)) known.answers.push(answer);
  };

  for (const path of paths) {
    let from = addNode('start', { kind: 'start', title: 'onLoginRequest', detail: '', line: null, column: null });
    let answer: string | null = null;
    let step = 0;
    for (const asked of path.answers) {
      const offers = asked.kind === 'step' ? path.steps[step++]! : { offered: [] };
      // What has one answer decides nothing, and needs no box of its own.
      if (asked.of === 1 && asked.kind !== 'step') continue;
      const { node, key } = describe(asked, offers);
      // In a tree there is one way to a box.
      const to = addNode(how === 'tree' ? `${from.id} ${answer} ${key}` : key, node);
      addEdge(from, to, answer);
      from = to;
      answer = asked.answer;
    }
    const end = describeEnd(path);
    if (path.endsWithoutAccount) answer = answer === null ? noAccount : `${answer}: ${noAccount}`;
    addEdge(from, addNode(how === 'tree' ? `${from.id} ${answer} end` : keyOf(end), end), answer);
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

const noAccount = 'no account is made';

function keyOf({ kind, title, detail, line, column, library }: Omit<GraphNode, 'id'>): string {
  return JSON.stringify([kind, title, detail, line, column, library]);
}

function describeNode(
  { kind, name, args, ...place }: PathAnswer & Place,
  options: readonly { idp: string; authenticator: string }[],
): Omit<GraphNode, 'id'> {
  if (kind === 'step') {
    const names = options.map(({ idp, authenticator }) => (idp === localIdp ? authenticator : idp));
    return { kind, title: `Step ${args[0]}`, detail: names.join(', '), ...placeOf(place) };
  }
  const detail = kind === 'reads' ? '' : args.map((arg) => shown(arg)).join(', ');
  return { kind, title: name, detail, ...placeOf(place) };
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && '$user' in value) return 'user';
  if (typeof value === 'object' && value !== null && Object.keys(value)[0]?.startsWith('$')) {
    return Object.keys(value)[0]!.slice(1);
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function describeEnd({ outcome, endsWithoutAccount }: ExploredPath): Omit<GraphNode, 'id'> {
  const { result, code } = outcome;
  const titles = { success: 'signed in', failure: 'refused', error: 'the script breaks', cut: 'not followed' } as const;
  const detail = endsWithoutAccount?.join(', ') ?? code ?? '';
  return { kind: 'end', title: titles[result], detail, ...placeOf(outcome) };
}

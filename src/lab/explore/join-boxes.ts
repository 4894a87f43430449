import type { Graph } from './explore-types.ts';

type GraphNode = Graph['nodes'][number];
type GraphEdge = Graph['edges'][number];

/** The boxes of one call that differ in its arguments alone become one, where each answer leads to the same from all of them. */
export function joinAlike(graph: Graph): Graph {
  for (let before = graph; ; ) {
    const onward = new Map<number, string[]>();
    for (const { from, to, answers } of before.edges) {
      // From a box to itself is the same as from another one to that.
      const target = from === to ? 'itself' : to;
      onward.set(from, [...(onward.get(from) ?? []), JSON.stringify([target, answers.toSorted()])]);
    }
    const after = join(before, (node) => JSON.stringify([siteOf(node), onward.get(node.id)?.toSorted()]));
    if (after.nodes.length === before.nodes.length) return after;
    before = after;
  }
}

/** All boxes of one call become one, wherever their answers lead. */
export function joinSites(graph: Graph): Graph {
  return join(graph, siteOf);
}

function siteOf({ kind, title, detail, line, column, library }: GraphNode): string {
  const args = kind === 'step' || kind === 'end' || line === null ? detail : '';
  return JSON.stringify([kind, title, args, line, column, library]);
}

function join({ nodes, edges }: Graph, keyOf: (node: GraphNode) => string): Graph {
  const joined = new Map<string, { node: GraphNode; details: Set<string> }>();
  const ids = new Map<number, number>();
  for (const node of nodes) {
    const key = keyOf(node);
    const known = joined.get(key) ?? { node: { ...node, id: joined.size }, details: new Set() };
    joined.set(key, known);
    known.details.add(node.detail);
    ids.set(node.id, known.node.id);
  }
  const ways = new Map<string, GraphEdge>();
  for (const { from, to, answers, paths } of edges) {
    const [start, end] = [ids.get(from)!, ids.get(to)!];
    const key = `${start} ${end}`;
    const known = ways.get(key) ?? { from: start, to: end, answers: [], paths: 0 };
    const all = [...new Set([...known.answers, ...answers])];
    ways.set(key, { ...known, answers: all, paths: known.paths + paths });
  }
  const boxes = joined
    .values()
    .map(({ node, details }) => ({ ...node, detail: nameAll([...details]) }))
    .toArray();
  return { nodes: boxes, edges: [...ways.values()] };
}

/** Characters of the first, so that the number of the others is seen. */
const longestFirst = 30;

function nameAll([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  const shown = first.length > longestFirst ? `${first.slice(0, longestFirst - 1)}…` : first;
  return `${shown} and ${others.length} more`;
}

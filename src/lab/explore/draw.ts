import { Graph as Layout, layout } from '@dagrejs/dagre';
import type { Graph } from './explore-types.ts';
import { joinAlike, joinSites } from './join-boxes.ts';

type GraphNode = Graph['nodes'][number];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Line {
  points: { x: number; y: number }[];
  x: number;
  y: number;
}

/** Pixels. Text is measured by this width of a character, whatever font the reader has. */
const charWidth = 7.9;
const lineHeight = 17;
const padding = 12;
const longestText = 44;
const mostBoxes = 300;
/** Wider ones are told with a box for each call, whatever its arguments. */
const widest = 2400;

/**
 * An SVG picture of a graph (SVG 1.1): a box for each question, and an edge for its answers. Calls that differ in arguments
 * alone share a box where nothing depends on them. It runs no code and loads nothing.
 */
export function drawGraph(graph: Graph, title: string): string {
  const alike = arrange(joinAlike(graph));
  const isWide = (alike.plan.graph().width ?? 0) > widest;
  return draw(isWide ? arrange(joinSites(graph)) : alike, title);
}

/** What is drawn, with the place of each box and edge. */
function arrange(graph: Graph) {
  const nodes = graph.nodes.slice(0, mostBoxes);
  const edges = graph.edges.filter(({ from, to }) => from < mostBoxes && to < mostBoxes);
  const plan = new Layout({ multigraph: false, directed: true });
  plan.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 46, marginx: 24, marginy: 24 });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) plan.setNode(String(node.id), measure(textsOf(node), padding));
  for (const { from, to, answers } of edges) {
    plan.setEdge(String(from), String(to), { ...measure(wrap(answers), 4), labelpos: 'c' });
  }
  layout(plan);
  return { plan, nodes, edges, left: graph.nodes.length - nodes.length };
}

function draw({ plan, nodes, edges, left }: ReturnType<typeof arrange>, title: string): string {
  function drawAnswers({ from, to, answers }: Graph['edges'][number]): string {
    const line = plan.edge(String(from), String(to)) as unknown as Line;
    const way = from === to ? loop(plan.node(String(from)) as unknown as Box, line) : curve(line.points);
    return drawEdge(way, line, wrap(answers));
  }

  const { width = 0, height = 0 } = plan.graph() as { width?: number; height?: number };
  const note = left > 0 ? text(`${left} more boxes are not drawn.`, 24, height + 16, 'detail') : '';
  const size = { width: Math.ceil(width), height: Math.ceil(height) + (left > 0 ? 28 : 0) };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img">
<title>${escapeXml(title)}</title>
<style>${style}</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#64748b"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${edges.map(drawAnswers).join('\n')}
${nodes.map((node) => drawNode(node, plan.node(String(node.id)) as unknown as Box)).join('\n')}
${note}</svg>
`;
}

const style = [
  'text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#0f172a;text-anchor:middle}',
  '.title{font-weight:700}.detail,.place{fill:#475569}.place{font-size:11px}.answer{font-size:12px;fill:#334155}',
  '.box{stroke-width:1.5}.edge{fill:none;stroke:#64748b;stroke-width:1.3}.behind{fill:#ffffff}',
].join('');

/** Told by their words and shapes as well: no meaning is in the colour alone. */
const colours: Readonly<Record<string, readonly [fill: string, stroke: string]>> = {
  start: ['#f1f5f9', '#475569'],
  step: ['#dbeafe', '#1d4ed8'],
  call: ['#fef9c3', '#a16207'],
  prompt: ['#ede9fe', '#6d28d9'],
  reads: ['#ffedd5', '#c2410c'],
  'signed in': ['#dcfce7', '#15803d'],
  refused: ['#fee2e2', '#b91c1c'],
  'the script breaks': ['#fecaca', '#7f1d1d'],
  'not followed': ['#e2e8f0', '#334155'],
};

function textsOf({ kind, title, detail, line, library }: GraphNode): string[] {
  const place = line === null ? '' : `${library === undefined ? '' : `${library}, `}line ${line}`;
  const details = kind === 'end' ? wrap(detail.split(', ')) : [detail];
  return [title, ...details, place].map(cut).filter((each) => each !== '');
}

/** Side by side, in as many lines as they need. */
function wrap(answers: readonly string[]): string[] {
  const lines: string[] = [];
  for (const answer of answers.map(cut)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + answer.length < 30) lines[lines.length - 1] = `${last}, ${answer}`;
    else lines.push(answer);
  }
  return lines;
}

function measure(lines: readonly string[], around: number): { width: number; height: number } {
  const longest = Math.max(0, ...lines.map(({ length }) => length));
  return { width: longest * charWidth + 2 * around, height: lines.length * lineHeight + around };
}

function drawNode(node: GraphNode, { x, y, width, height }: Box): string {
  const [fill, stroke] = colours[node.kind === 'end' ? node.title : node.kind]!;
  const radius = node.kind === 'end' || node.kind === 'start' ? height / 2 : 6;
  const lines = textsOf(node);
  const first = y - ((lines.length - 1) * lineHeight) / 2 + 4;
  const texts = lines.map((line, i) => {
    const kind = i === 0 ? 'title' : line.includes('line ') && i === lines.length - 1 ? 'place' : 'detail';
    return text(line, x, first + i * lineHeight, kind);
  });
  const box = `x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="${round(radius)}"`;
  return `<g><rect class="box" ${box} fill="${fill}" stroke="${stroke}"/>${texts.join('')}</g>`;
}

function drawEdge(way: string, { x, y }: Line, lines: readonly string[]): string {
  const path = `<path class="edge" d="${way}" marker-end="url(#arrow)"/>`;
  if (lines.length === 0) return path;
  const { width, height } = measure(lines, 4);
  const behind = `<rect class="behind" x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}"/>`;
  const first = y - ((lines.length - 1) * lineHeight) / 2 + 4;
  return path + behind + lines.map((line, i) => text(line, x, first + i * lineHeight, 'answer')).join('');
}

/** From a box's side through the place of the answers and back: a cubic curve comes three quarters of the way to its handles. */
function loop({ x, y, width, height }: Box, { x: farthest }: Line): string {
  const side = x + width / 2;
  const handle = side + (farthest - side) / 0.75;
  const [above, below] = [y - height / 4, y + height / 4];
  const handles = `${round(handle)} ${round(above - height / 4)} ${round(handle)} ${round(below + height / 4)}`;
  return `M${round(side)} ${round(above)}C${handles} ${round(side)} ${round(below)}`;
}

/** Through the middle of each section, bent at its corners. */
function curve(points: Line['points']): string {
  const [first, ...rest] = points;
  const parts = rest.map((point, i) => {
    const next = rest[i + 1];
    if (!next) return `L${round(point.x)} ${round(point.y)}`;
    return `Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`;
  });
  return `M${round(first!.x)} ${round(first!.y)}${parts.join('')}`;
}

function text(content: string, x: number, y: number, kind: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escapeXml(content)}</text>`;
}

function cut(content: string): string {
  return content.length > longestText ? `${content.slice(0, longestText - 1)}…` : content;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Also without characters that XML forbids (XML 1.0, section 2.2), which a script may have in its texts. */
function escapeXml(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}

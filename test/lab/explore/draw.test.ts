import { readdirSync, readFileSync } from 'node:fs';
import { DOMParser } from '@xmldom/xmldom';
import { afterAll, describe, expect, it } from 'vitest';
import { drawGraph } from '../../../src/lab/explore/draw.ts';
import { after, createLab } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());

const scripts = new URL('../../../scripts/', import.meta.url);
const read = (folder: string, name: string) => readFileSync(new URL(`${folder}/${name}`, scripts), 'utf8');

/** Texts of a picture that is well-formed XML. */
function readTexts(svg: string): string[] {
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
  return Array.from(document.getElementsByTagName('text'), ({ textContent }) => textContent ?? '');
}

describe('a drawing', () => {
  it.each(readdirSync(scripts))(
    'of all paths of %s lies beside it, and names every step and every answer',
    { timeout: 120_000 },
    async (folder) => {
      const { items: _, ...flow } = JSON.parse(read(folder, 'cases.json'));
      const { graph, cut } = await explore(read(folder, 'script.js'), { ...flow, connections: [] });
      expect(cut).toEqual([]);
      const svg = drawGraph(graph, `Paths of scripts/${folder}/script.js`);
      const files = `scripts/${folder}/script.js --flow scripts/${folder}/cases.json --svg scripts/${folder}/paths.svg`;
      expect(read(folder, 'paths.svg'), `draw it anew: npx stepgate explore ${files}`).toBe(svg);
      const texts = readTexts(svg);
      const titles = graph.nodes.map(({ title }) => title);
      expect(titles.filter((title) => !texts.includes(title))).toEqual([]);
      const all = texts.join(', ');
      const answers = graph.edges.flatMap((edge) => edge.answers);
      expect(answers.filter((answer) => !all.includes(answer.slice(0, 40)))).toEqual([]);
      expect(Number(/ width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(2500);
      expect(svg).not.toContain('NaN');
    },
  );

  it('joins calls of one place that differ in their arguments alone, where each answer leads to the same', async () => {
    const asks = (may: string) =>
      after(`var isLocal = context.steps[1].idp === 'LOCAL';
      if (hasRole(context.subject, isLocal ? 'a' : 'b')${may}) fail(); else executeStep(2);`);
    const boxes = async (script: string) => {
      const { graph } = await explore(script);
      const texts = readTexts(drawGraph(graph, 'Roles'));
      return texts.flatMap((text, i) => (text === 'hasRole' ? [texts[i + 1]] : []));
    };
    expect(await boxes(asks(''))).toEqual(['user, "a" and 1 more']);
    expect((await boxes(asks(' && isLocal'))).toSorted()).toEqual(['user, "a"', 'user, "b"']);
  });

  it('has one box for each call where it would be too wide, whatever its arguments', async () => {
    const name = (i: number) => `box ${i}`;
    const place = { line: 3, column: 5 };
    const start = { id: 0, kind: 'start' as const, title: 'onLoginRequest', detail: '', line: null, column: null };
    const calls = Array.from({ length: 40 }, (_, i) => ({
      id: i + 1,
      kind: 'call' as const,
      title: 'hasRole',
      detail: name(i),
      ...place,
    }));
    const ends = calls.map(({ id }) => ({
      id: id + 40,
      kind: 'end' as const,
      title: 'refused',
      detail: `CODE_${id % 3}`,
      line: 4,
      column: id,
    }));
    const edges = calls.flatMap(({ id }) => [
      { from: 0, to: id, answers: [name(id)], paths: 1 },
      { from: id, to: id + 40, answers: ['true'], paths: 1 },
    ]);
    const texts = readTexts(drawGraph({ nodes: [start, ...calls, ...ends.slice(0, 40)], edges }, 'Wide'));
    expect(texts.filter((text) => text === 'hasRole')).toHaveLength(1);
    expect(texts).toContain('box 0 and 39 more');
  });

  it('has boxes with step, options and line', () => {
    const texts = readTexts(read('mfa-for-local-users', 'paths.svg'));
    const box = texts.indexOf('Step 2');
    expect(texts.slice(box, box + 3)).toEqual(['Step 2', 'totp, email-otp-authenticator', 'line 7']);
  });

  it('goes round from a box to itself within the picture, past its right side', async () => {
    const { items: _, ...flow } = JSON.parse(read('sign-in-attempts', 'cases.json'));
    const { graph } = await explore(read('sign-in-attempts', 'script.js'), flow);
    const again = graph.edges.findIndex(({ from, to }) => from === to);
    const svg = drawGraph(graph, 'Attempts');
    const [way] = svg
      .matchAll(/class="edge" d="M([^"]*)"/g)
      .toArray()
      [again]!.slice(1);
    const [fromX, , outX, , , , backX] = way!.split(/[ C]/).map(Number);
    const right = Number(/ width="(\d+)"/.exec(svg)?.[1]);
    expect(backX).toBe(fromX);
    expect([fromX! < outX!, outX! < right]).toEqual([true, true]);
  });

  it('shows what a script says as text, whatever that is', async () => {
    const { graph } = await explore(
      after(`if (hasRole(context.subject, '</text><script>alert(1)</script>&\\u0000')) fail();`),
    );
    const svg = drawGraph(graph, '<&">');
    expect(svg).not.toContain('<script');
    expect(readTexts(svg)).toContainEqual(expect.stringContaining('</text><script>'));
  });
});

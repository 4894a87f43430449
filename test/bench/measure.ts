import { readFileSync } from 'node:fs';

/** A row of a table: texts and numbers by the name of their column. */
export type Row = Record<string, string | number>;

export interface Table {
  title: string;
  rows: Row[];
  /** What the numbers mean, below the table. */
  note: string;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The nearest-rank percentile. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** With as many digits as mean anything: 0.45, 2.1, 38. */
export function round(value: number): number {
  return value >= 20 ? Math.round(value) : value >= 2 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100;
}

/** Times one after another, in milliseconds. */
export async function timeEach(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return times;
}

/** CPU time that a process and its children have used, in milliseconds (Linux, by `/proc`); NaN elsewhere. */
export function readCpuMs(pid: number): { own: number; children: number } {
  try {
    // After the name, which may hold spaces: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
    const children = listChildren(pid).reduce((sum, child) => sum + readCpuMs(child).own, 0);
    return { own: (Number(fields[11]) + Number(fields[12])) * 10, children };
  } catch {
    return { own: Number.NaN, children: Number.NaN };
  }
}

/** Memory of a process and of each of its children in MB, what several share counted in parts (PSS; Linux); NaN elsewhere. */
export function readMemoryMb(pid: number): { own: number; children: number[] } {
  const read = (of: number) => {
    try {
      const text = readFileSync(`/proc/${of}/smaps_rollup`, 'utf8');
      return (Number(/^Pss:\s*(\d+) kB/m.exec(text)?.[1]) * 1024) / 1e6;
    } catch {
      return Number.NaN;
    }
  };
  return { own: read(pid), children: listChildren(pid).map(read) };
}

/** Of a process, by `/proc`. */
function listChildren(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** As a table in Markdown. */
export function toMarkdown({ title, rows, note }: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const numeric = (column: string) => rows.every((row) => typeof row[column] === 'number');
  const lines = [
    columns,
    columns.map((column) => (numeric(column) ? '---:' : '---')),
    ...rows.map((row) => columns.map((column) => String(row[column] ?? ''))),
  ];
  return `### ${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${note}\n`;
}

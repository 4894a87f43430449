import type { Finding } from '../validator/finding.ts';
import { paint, type Terminal } from './terminal.ts';

const colours = { error: 'red', warning: 'yellow', info: 'dim' } as const;

/** One line each, `FILE:LINE:COLUMN severity CODE: message`, as editors read it, and what to do about it below. */
export function describeFindings(file: string, findings: readonly Finding[], terminal: Terminal): string {
  return findings
    .map(({ severity, code, message, line, column, path, mend }) => {
      const place = line === null ? `${file}${path ? ` ${path}` : ''}` : `${file}:${line}:${column}`;
      const tail = mend === undefined ? '' : `\n    ${paint(terminal, 'dim', mend)}`;
      return `${place} ${paint(terminal, colours[severity], severity)} ${code}: ${message}${tail}\n`;
    })
    .join('');
}

import { cutBytes } from './places.ts';
import { type Limits, nowhere, type Place, type SaidLine, type Usage } from './protocol.ts';

/** What a script says in one play. */
export interface LogBook {
  readonly lines: SaidLine[];
  /** @param after how many entries stand before the line */
  write(line: { after: number; level: string; text: string } & Place): void;
  /** One line for all that were left out, once it is known how many there were: to be written when the script has ended. */
  close(after: number): void;
}

/**
 * Keeps so many lines, each no longer than it may be. Lines are no entries: each has its place by the entries before it and
 * its ordinal there (J12).
 * @param usage is kept up to date
 */
export function createLogBook(limits: Pick<Limits, 'logLines' | 'logLineBytes'>, usage: Usage): LogBook {
  const lines: SaidLine[] = [];
  let place = { after: 0, next: 0 };

  function add({ after, level, text, ...at }: Parameters<LogBook['write']>[0]): void {
    if (place.after !== after) place = { after, next: 0 };
    lines.push({ after, ordinal: place.next++, level, text: cutBytes(text, limits.logLineBytes), ...at });
  }

  return {
    lines,
    write(line) {
      if (usage.logLines >= limits.logLines) {
        usage.logLinesLeftOut++;
        return;
      }
      usage.logLines++;
      add(line);
    },
    close(after) {
      const { logLinesLeftOut: count } = usage;
      if (count === 0) return;
      const text = `${count} more log ${count === 1 ? 'line was' : 'lines were'} left out: a sign-in keeps ${limits.logLines}.`;
      add({ after, level: 'warn', text, ...nowhere });
    },
  };
}

import type { Entry, Place, SaidLine } from '../../sandbox/protocol.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { LoginStore } from './login.ts';

/** An entry with what a trace shows beside it. */
export interface JournalEntry extends Entry, Place {
  at: number;
}

/** The journals of logins: what the outside world told each script, encrypted at rest. */
export interface Journals {
  read(logins: LoginStore, id: LoginId): Promise<JournalEntry[]>;
  /** @throws AppError CONFLICT when another request has written this entry: of two racers one goes on. */
  append(logins: LoginStore, id: LoginId, seq: number, entry: JournalEntry): Promise<void>;
  /** @returns those that an earlier play had not said */
  addLogs(logins: LoginStore, id: LoginId, lines: readonly SaidLine[]): Promise<SaidLine[]>;
  readLogs(logins: LoginStore, id: LoginId): Promise<SaidLine[]>;
}

export function createJournals({ box }: { box: CryptoBox }): Journals {
  const entryPlace = (id: LoginId, seq: number) => `journal/${id}/${seq}`;
  const logPlace = (id: LoginId, after: number, ordinal: number) => `logs/${id}/${after}/${ordinal}`;

  return {
    async read(logins, id) {
      const stored = await logins.listEntries(id);
      return stored.map(({ seq, op, contentSealed, note, at, line, column, library, cpuUs }) => {
        const { args, answer } = JSON.parse(box.open(contentSealed, entryPlace(id, seq)));
        const place = { line, column, ...(library === null ? {} : { library }) };
        return { op, args, answer, at, ...place, cpuUs, ...(note ? { note } : {}) };
      });
    },
    async append(logins, id, seq, { op, args, answer, note = false, at, line, column, library = null }) {
      const contentSealed = box.seal(JSON.stringify({ args, answer }), entryPlace(id, seq));
      await logins.appendEntry(id, { seq, op, contentSealed, note, at, line, column, library, cpuUs: null });
    },
    async addLogs(logins, id, lines) {
      if (lines.length === 0) return [];
      const added = await logins.addLogs(
        id,
        lines.map(({ after, ordinal, level, text, line, column, library = null }) => ({
          after,
          ordinal,
          level,
          textSealed: box.seal(text, logPlace(id, after, ordinal)),
          line,
          column,
          library,
        })),
      );
      return lines.filter((_line, i) => added[i]);
    },
    async readLogs(logins, id) {
      const stored = await logins.listLogs(id);
      return stored.map(({ after, ordinal, level, textSealed, line, column, library }) => ({
        after,
        ordinal,
        level,
        text: box.open(textSealed, logPlace(id, after, ordinal)),
        line,
        column,
        ...(library === null ? {} : { library }),
      }));
    },
  };
}

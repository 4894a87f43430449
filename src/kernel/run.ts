import { randomUUID } from 'node:crypto';

/** Says which run of the server has written something. */
export interface RunMark {
  pid: number;
  run: string;
}

/** This run of the server, from its start to its stop or its death. */
export interface Run {
  readonly mark: RunMark;
  /**
   * Is the run that left this mark over? Where that cannot be told (another one has its process id now, or it is on another
   * machine that shares the disk), no: whoever asks waits then.
   */
  isOver(mark: RunMark): boolean;
  end(): void;
}

/** Several may run in one process. */
const here = new Set<string>();

export function beginRun(): Run {
  const mark = { pid: process.pid, run: randomUUID() };
  here.add(mark.run);
  return {
    mark,
    isOver: ({ pid, run }) => (pid === process.pid ? !here.has(run) : !exists(pid)),
    end: () => void here.delete(mark.run),
  };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (failure) {
    // It exists and is somebody else's, say.
    return (failure as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

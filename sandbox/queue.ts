import type { Place } from './protocol.ts';

/** A call with callbacks, until its turn comes. */
export interface Scheduled {
  op: string;
  at: Place;
  args: string;
  handlers: string[];
  callback: number;
}

/** What waits for its turn: what the last callback asked for comes before what was waiting already. */
export interface Queue {
  readonly length: number;
  /** Has this turn asked for anything? */
  readonly hasNew: boolean;
  add(item: Scheduled): void;
  /** The next one; whatever is added from then on is of the next turn. */
  take(): Scheduled | undefined;
  list(): Scheduled[];
}

export function createQueue(): Queue {
  let added: Scheduled[] = [];
  let waiting: Scheduled[] = [];
  const list = () => added.concat(waiting);
  return {
    get length() {
      return added.length + waiting.length;
    },
    get hasNew() {
      return added.length > 0;
    },
    add(item) {
      added.push(item);
    },
    take() {
      waiting = list();
      added = [];
      return waiting.shift();
    },
    list,
  };
}

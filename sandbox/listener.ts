import type { Ending } from './ending.ts';
import type { Saying } from './guest-calls.ts';
import type { Inspection } from './inspection.ts';
import type { JournalCursor } from './journal-cursor.ts';
import type { LogBook } from './log-book.ts';
import { createLongestTeller, nameCall } from './name-call.ts';
import { toPlace } from './places.ts';
import type { Bundle, Limits, Place, Read, Usage, Watched } from './protocol.ts';
import type { Queue } from './queue.ts';
import { createSteeringReader } from './steering-calls.ts';

/** What a play hears of its guest. */
export interface Listener {
  hear: Saying;
  /** Of the script's promises, those that have not been settled. */
  readonly openPromises: number;
}

/** Everything that the guest may say: it asks, and the host decides (J5). */
export function createListener({
  bundle,
  limits,
  usage,
  ending,
  cursor,
  queue,
  log,
  inspection,
  watched,
}: {
  bundle: Bundle;
  limits: Limits;
  usage: Usage;
  ending: Ending;
  cursor: JournalCursor;
  queue: Queue;
  log: LogBook;
  inspection: Inspection;
  watched: Watched | null;
}): Listener {
  const kinds = new Map(bundle.functions.map(({ name, kind }) => [name, kind]));
  const readSteering = createSteeringReader(bundle);
  const describeLongest = createLongestTeller(bundle, limits);
  let openPromises = 0;

  /** A wrong call ends the sign-in; the guest throws the sentence, should the script want to know. */
  function refuse(fault: string, at: Place): string {
    ending.fail('SCRIPT_ERROR', fault, at);
    return fault;
  }

  /** Lets a saying pass while all arguments together are no longer than they may be. */
  function mayTake(verb: string, op: string, text: string, more: string): boolean {
    if (verb === 'say' || verb === 'read') return true;
    usage.argumentBytes += text.length + more.length;
    if (usage.argumentBytes <= limits.argumentBytes) return true;
    const at = verb === 'schedule' ? (JSON.parse(more) as string[]).at(-1) : verb === 'promise' ? '' : more;
    const said = `${nameCall(op)}: the arguments of all calls together are longer than ${limits.argumentBytes} characters.`;
    ending.fail('SCRIPT_DATA', said, toPlace(at ?? ''), ending.metLimit('argumentBytes', usage.argumentBytes));
    return false;
  }

  function ask(op: string, args: string, at: Place): string | undefined {
    if (!ending.verdict || kinds.get(op) !== 'effect') return cursor.next(op, args, at, null);
    const text = `${op} was refused: the sign-in has been decided.`;
    log.write({ after: cursor.seq, level: 'warn', text, ...at });
    return 'null';
  }

  function schedule(op: string, args: string, more: string, callback: number): string | undefined {
    if (ending.verdict) return undefined;
    const handlers = JSON.parse(more) as string[];
    const at = toPlace(handlers.pop() ?? '');
    const read = op === 'step' ? readSteering(op, args) : null;
    if (read && 'fault' in read) return refuse(read.fault, at);
    usage.queued = Math.max(usage.queued, queue.length + 1);
    if (queue.length < limits.queue) queue.add({ op, at, args, handlers, callback });
    else {
      const said = `More than ${limits.queue} calls wait in the queue.`;
      ending.fail('SCRIPT_QUEUE', said, at, ending.metLimit('queue', usage.queued));
    }
    return undefined;
  }

  function decide(by: 'fail' | 'sendError', args: string, at: Place): string | undefined {
    const read = readSteering(by, args);
    if ('fault' in read) return refuse(read.fault, at);
    ending.decide({ result: 'failure', by, info: JSON.stringify(read.values), ...at });
    return undefined;
  }

  return {
    get openPromises() {
      return openPromises;
    },
    hear(verb, op, text, more, id) {
      if (ending.stopped || !mayTake(verb, op, text, more)) return undefined;
      switch (verb) {
        case 'ask':
          return ask(op, text, toPlace(more));
        case 'schedule':
          return schedule(op, text, more, id);
        case 'long':
          ending.fail('SCRIPT_DATA', describeLongest(op, text), toPlace(more), ending.metLimit('argumentBytes', null));
          return undefined;
        case 'say':
          log.write({ after: cursor.seq, level: op, text, ...toPlace(more) });
          return undefined;
        case 'read':
          watched?.reads.push({
            after: cursor.seq,
            what: op as Read['what'],
            of: JSON.parse(text),
            ...toPlace(more),
          });
          return undefined;
        case 'wrong':
          return refuse(text, toPlace(more));
        case 'check': {
          const read = readSteering(op, text);
          return 'fault' in read ? refuse(read.fault, toPlace(more)) : undefined;
        }
        case 'variables':
          inspection.keep(text, {
            seq: cursor.seq,
            queue: queue.list().map(({ op, at, args, handlers }) => ({ op, args, handlers, ...at })),
          });
          return undefined;
        case 'verdict':
          return op === 'fail' || op === 'sendError' ? decide(op, text, toPlace(more)) : undefined;
        case 'promise':
          if (op === 'open') openPromises++;
          else openPromises--;
          if (op === 'broken') ending.failThrown(text);
          return undefined;
        default:
          ending.fail('SCRIPT_ERROR', 'The sandbox was spoken to in an unknown way.');
          return undefined;
      }
    },
  };
}

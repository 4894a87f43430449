/*
 * The engine: a script is played from its start against a journal. The loop and the outcome table are here; what they stand
 * on has a file each.
 *
 *  J1  A bundle and a journal determine a play; nothing else comes in.
 *  J2  Questions and answers are numbered in the order of the script. A scheduled item is numbered when its turn comes.
 *      (journal-cursor.ts)
 *  J4  A question must be the journal's, letter for letter; an entry that is never asked for is a difference too.
 *  J5  The host decides. The guest holds callbacks (listener.ts); queue, rules, counters and verdict are here.
 *  J6  Secret arguments stand in the journal as keyed hashes, and are compared as such (hidden-arguments.ts).
 *  J7  A turn is one callback: one entry into the guest, microtasks drained, promises settled (turns.ts).
 *  J8  The first verdict stands (ending.ts). A handler for a failed step that schedules nothing fails the login.
 *  J9  One context, and one object for each person: read once in each turn that looks, an entry for each write
 *      (guest/people.ts).
 *  J11 CPU is charged to a turn when it first runs, never to a replay; a turn that the machine starved is no verdict
 *      (turn-meter.ts).
 *  J12 Log lines are not entries; each has its place (entries before it, ordinal) (log-book.ts).
 *  J13 A context is never shared: each play has a fresh one, and a login's a fresh isolate (fresh-isolate.ts). Nothing is
 *      classified by the text of a message.
 *  J14 Steps, prompts and calls with handlers never stop inside script frames: the loop stops between turns.
 */
import { createEnding } from './ending.ts';
import { type FreshIsolate, makeFreshIsolate } from './fresh-isolate.ts';
import { readSettings } from './guest-calls.ts';
import { createInspection } from './inspection.ts';
import { createJournalCursor } from './journal-cursor.ts';
import { createListener } from './listener.ts';
import { createLogBook } from './log-book.ts';
import { nameScheduled } from './name-call.ts';
import { describe } from './places.ts';
import {
  type Bundle,
  type Entry,
  emptyState,
  type Limits,
  noUsage,
  nowhere,
  outcomes,
  type PlayEnd,
  type PlayResult,
  type Question,
  type Reply,
  type ScriptState,
  type Usage,
  type Watched,
} from './protocol.ts';
import { createQueue, type Scheduled } from './queue.ts';
import { parseState } from './script-state.ts';
import { createTurns } from './turns.ts';

const libraryHead = '(function (exports, require, module) {';

/**
 * Plays `bundle` against `journal`, asking `answer` for what the journal does not know; each new answer is appended to
 * `journal`. Synchronous, and runs the script in this very thread: call it in a child process, or in a test.
 * @throws Error in a process whose zone is not UTC: a play must not depend on the machine
 */
export function play(
  bundle: Bundle,
  journal: Entry[],
  limits: Limits,
  answer: (question: Question) => Reply,
): PlayResult {
  const fresh = makeFreshIsolate(limits.memoryMiB, readSettings(bundle, limits));
  try {
    return playIn(fresh, bundle, journal, limits, answer);
  } finally {
    discard(fresh);
  }
}

/** Of an isolate that has served. */
export function discard({ isolate }: Pick<FreshIsolate, 'isolate'>): void {
  if (!isolate.isDisposed) isolate.dispose();
}

/**
 * The same, for whoever has an isolate at hand.
 * @param fresh made with the settings of this play; it is used up, and the caller's to throw away
 */
export function playIn(
  fresh: FreshIsolate,
  bundle: Bundle,
  journal: Entry[],
  limits: Limits,
  answer: (question: Question) => Reply,
): PlayResult {
  if (process.env['TZ'] !== 'UTC') throw new Error('Scripts are played in a process that was started with TZ=UTC.');
  const { isolate, guest } = fresh;
  const usage: Usage = { ...noUsage, turns: [] };
  const watched: Watched | null = bundle.watch ? { reads: [], visits: [] } : null;
  const inspection = createInspection(bundle);
  const log = createLogBook(limits, usage);
  const queue = createQueue();
  const ending = createEnding({ isolate, limits });
  const turns = createTurns(fresh, { journal, limits, usage, ending });
  const hear = (text: string) => void turns.runOwn('hear', [text]);
  const cursor = createJournalCursor({ bundle, journal, limits, answer, ending, inspection, hear });
  const listener = createListener({ bundle, limits, usage, ending, cursor, queue, log, inspection, watched });
  let proven = false;

  function loop(): void {
    const started = cursor.next('start', '[]', nowhere, []);
    if (started === undefined || !setUp(started)) return;
    turn(0, 'onLoginRequest', started);

    while (!ending.stopped && !ending.verdict) {
      const item = queue.take();
      if (!item) {
        cursor.hearNotes();
        const failure = { result: 'failure', by: 'no-step', info: null, ...nowhere } as const;
        return ending.decide(proven ? { result: 'success' } : failure);
      }
      const text = cursor.next(item.op, item.args, item.at, item.handlers);
      if (text === undefined) return;
      turns.openBy(cursor.seq - 1);
      settle(item, text);
    }
  }

  /** Runs the script's text, and what must be there before it. @returns false when that ended the play */
  function setUp(started: string): boolean {
    const { script, libraries = [], steps, tenantDomain, serviceProviderName, inspect } = bundle;
    const scriptBytes = Buffer.byteLength(script);
    if (scriptBytes > limits.scriptBytes) {
      const said = `The script has more than ${limits.scriptBytes} bytes.`;
      ending.fail('SCRIPT_TOO_LONG', said, nowhere, ending.metLimit('scriptBytes', scriptBytes));
      return false;
    }
    turns.runOwn('begin', [JSON.stringify({ steps, tenantDomain, serviceProviderName }), started]);
    for (const { name, source } of libraries) {
      // The text runs when it is required; here it only becomes a function, within the guest and its limits all the same.
      const library = turns.runText(`script.js/${name}`, `${libraryHead}${source}\n})`, -libraryHead.length);
      if (!library) return false;
      guest.hand('addLibrary', name, library.derefInto());
    }
    if (!turns.runText('script.js', script)) return false;
    if (!inspect) return true;
    // Another script of the realm shares its top scope.
    const readers = inspect.names.map((name) => `${JSON.stringify(name)}: () => ${name}`);
    const made = turns.runText('inspect.js', `({ __proto__: null, ${readers.join(', ')} })`);
    if (!made) return false;
    guest.hand('takeReaders', made.derefInto());
    return true;
  }

  function turn(callback: number, handler: string, answerText: string, by: Scheduled | null = null): void {
    ending.enterTurn(by ? `${handler} of ${nameScheduled(by)}` : handler, by?.at);
    turns.runCallback(callback, handler, answerText);
    if (bundle.inspect && !ending.stopped) turns.runOwn('tellVariables', []);
    if (listener.openPromises > 0 && !ending.stopped) {
      const said = 'A promise of the script was still open at the end of its turn.';
      ending.fail('SCRIPT_DEADLOCK', said, ending.turnAt);
    }
    ending.leaveTurn();
  }

  /** The outcome table at work. */
  function settle(item: Scheduled, text: string): void {
    const { outcome, proves } = JSON.parse(text) as { outcome: string; proves?: boolean };
    if (item.op === 'step' && outcome === 'success' && proves === true) proven = true;
    const rule = (Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined) ?? {
      handlers: [`on${outcome}`, 'onSuccess'],
      unanswered: 'go on' as const,
    };
    const fails = rule.unanswered === 'fail';
    const handler = rule.handlers.find((name) => item.handlers.includes(name));
    if (handler === undefined) {
      hear(text);
      if (fails) ending.decide({ result: 'failure', by: 'unanswered', info: text, ...item.at });
      return;
    }
    turn(item.callback, handler, text, item);
    // A failed step, and a page that was cancelled, demand that their handler does something; a failed call's handler has
    // been given its say.
    if (fails && (item.op === 'step' || outcome === 'abort') && !queue.hasNew) {
      ending.decide({ result: 'failure', by: 'empty-handler', info: text, ...item.at });
    }
  }

  let state = emptyState;
  fresh.listener = listener.hear;
  try {
    loop();
    if (!isolate.isDisposed) {
      state = readState();
      usage.heapBytes = isolate.getHeapStatisticsSync().used_heap_size;
    }
  } catch (thrown) {
    // Code of ours was broken off: memory, an answer too deep, or time. A verdict without its state is none.
    if (isolate.isDisposed) ending.overruleMemory();
    else if (ending.stopped?.kind !== 'busy') ending.overrule('SCRIPT_ERROR', describe(thrown)[0]);
  } finally {
    fresh.listener = null;
  }

  const end: PlayEnd = ending.stopped ?? cursor.findLeft() ?? { kind: 'ends', verdict: ending.verdict! };
  if (end.kind === 'ends') log.close(cursor.seq);
  return {
    ...end,
    state,
    said: log.lines,
    usage,
    ...(watched ? { watched } : {}),
    ...inspection.result(),
  };

  function readState(): ScriptState {
    const text = turns.runOwn('collect', []);
    if (text.length > limits.argumentBytes) {
      const said = `What the script set is longer than ${limits.argumentBytes} characters as JSON.`;
      ending.overrule('SCRIPT_DATA', said, ending.metLimit('argumentBytes', text.length));
      return state;
    }
    const collected = parseState(text);
    if (watched) watched.visits = collected.visits;
    return collected.state;
  }
}

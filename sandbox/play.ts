/*
 * The engine: a script is played from its start against a journal.
 *
 *  J1  A bundle and a journal determine a play; nothing else comes in.
 *  J2  Questions and answers are numbered in the order of the script. A scheduled item is numbered when its turn comes.
 *  J4  A question must be the journal's, letter for letter; an entry that is never asked for is a difference too.
 *  J5  The host decides. The guest holds callbacks; queue, rules, counters and verdict are here.
 *  J7  A turn is one callback: one entry into the guest, microtasks drained, promises settled.
 *  J8  The first verdict stands. A handler for a failed step that schedules nothing fails the login.
 *  J11 CPU is charged to a turn when it first runs, never to a replay; a turn that the machine starved is no verdict.
 *  J12 Log lines are not entries; each has its place (entries before it, ordinal).
 *  J13 A context is never shared: each play has a fresh one, and a login's a fresh isolate. Nothing is classified by the text of
 *      a message.
 *  J14 Steps, prompts and calls with handlers never stop inside script frames: the loop stops between turns.
 */
import type ivm from 'isolated-vm';
import { type FreshIsolate, makeFreshIsolate } from './fresh-isolate.ts';
import { type Guest, readSettings } from './guest-calls.ts';
import { createHiding } from './hidden-arguments.ts';
import { createInspection } from './inspection.ts';
import { createLogBook } from './log-book.ts';
import { createLongestTeller, nameCall, nameScheduled } from './name-call.ts';
import { describe, oneLine, toPlace } from './places.ts';
import {
  type Bundle,
  type Entry,
  emptyState,
  type FailureCode,
  type Limits,
  type MetLimit,
  noUsage,
  nowhere,
  outcomes,
  type Place,
  type PlayEnd,
  type PlayResult,
  type Question,
  type Read,
  type Reply,
  type ScriptState,
  type Usage,
  type Verdict,
  type Watched,
} from './protocol.ts';
import { parseState } from './script-state.ts';
import { createSteeringReader } from './steering-calls.ts';
import { createTurnMeter } from './turn-meter.ts';

const libraryHead = '(function (exports, require, module) {';

interface Scheduled {
  op: string;
  at: Place;
  args: string;
  handlers: string[];
  callback: number;
}

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
  const inspection = createInspection(bundle);
  const watched: Watched | null = bundle.watch ? { reads: [], visits: [] } : null;
  const usage: Usage = { ...noUsage, turns: [] };
  const log = createLogBook(limits, usage);
  const hide = createHiding(bundle);
  const describeLongest = createLongestTeller(bundle, limits);
  const kinds = new Map(bundle.functions.map(({ name, kind }) => [name, kind]));
  const readSteering = createSteeringReader(bundle);
  const meter = createTurnMeter(journal, limits, usage);
  const usedUpMemory = `The script used more than ${limits.memoryMiB} MiB of memory.`;

  let seq = 0;
  let opener = 0;
  /** Of the call whose callback runs; nowhere in the first turn. */
  let turnAt: Place = nowhere;
  let turnName: string | null = null;
  let queue: Scheduled[] = [];
  let scheduled: Scheduled[] = [];
  let verdict: Verdict | null = null;
  let stopped: PlayEnd | null = null;
  let openPromises = 0;
  let proven = false;

  const { isolate, context, guest } = fresh;

  const hear = (text: string) => runOwn('hear', [text]);

  const decide = (next: Verdict) => {
    verdict ??= next;
  };
  const makeError = (code: FailureCode, message: string, at: Place, limit?: MetLimit): Verdict => {
    const about = { ...(limit ? { limit } : {}), ...(turnName === null ? {} : { turn: turnName }) };
    return { result: 'error', code, message: oneLine(message), ...about, ...at };
  };
  const error = (code: FailureCode, message: string, at = nowhere, limit?: MetLimit): void =>
    decide(makeError(code, message, at, limit));
  const metLimit = (name: keyof Limits, used: number | null): MetLimit => ({ name, used, allowed: limits[name] });

  // ---- the journal -----------------------------------------------------------------------------------------------

  /** Notes that stand at the cursor are told to the guest, and passed. */
  function hearNotes(): void {
    for (let entry = journal[seq]; entry?.note; entry = journal[seq]) {
      hear(entry.answer);
      seq++;
    }
  }

  /** The play is over. A script on the way is cut off here and now: it can neither catch this nor go on. */
  function stop(end: PlayEnd, midTurn: boolean): undefined {
    stopped = end;
    if (midTurn) isolate.dispose();
    return undefined;
  }

  /** The one door through which the world answers: number, compare, answer or append. */
  function next(op: string, given: string, at: Place, handlers: string[] | null): string | undefined {
    const midTurn = handlers === null;
    if (stopped) return undefined;
    const args = hide(op, given);
    hearNotes();
    inspection.note({ seq, ...at });
    const entry = journal[seq];
    if (entry) {
      if (entry.op !== op || entry.args !== args) {
        const recorded = { op: entry.op, args: entry.args };
        return stop({ kind: 'differs', seq, journal: recorded, script: { op, args } }, midTurn);
      }
      seq++;
      return entry.answer;
    }
    if (seq >= limits.entries) {
      error('SCRIPT_LIMIT', `The sign-in made more than ${limits.entries} calls.`, at, metLimit('entries', seq + 1));
      return stop({ kind: 'ends', verdict: verdict! }, midTurn);
    }
    const plain = args === given ? {} : { plainArgs: given };
    const question: Question = { seq, op, args, ...plain, scheduled: !midTurn, handlers: handlers ?? [], ...at };
    const reply = answer(question);
    if ('wait' in reply) return stop({ kind: 'waits', question }, midTurn);
    if ('refuse' in reply) {
      error(reply.refuse.code, reply.refuse.message, at);
      return stop({ kind: 'ends', verdict: verdict! }, midTurn);
    }
    for (const note of reply.notes ?? []) journal.push(note);
    hearNotes();
    journal.push({ op, args, answer: reply.answer });
    seq++;
    return reply.answer;
  }

  // ---- what the guest may say ------------------------------------------------------------------------------------

  fresh.listener = (verb, op, text, more, id) => {
    if (stopped) return undefined;
    if (verb !== 'say' && verb !== 'read') {
      usage.argumentBytes += text.length + more.length;
      if (usage.argumentBytes > limits.argumentBytes) {
        const at = verb === 'schedule' ? (JSON.parse(more) as string[]).at(-1) : verb === 'promise' ? '' : more;
        const all = `the arguments of all calls together are longer than ${limits.argumentBytes} characters.`;
        error(
          'SCRIPT_DATA',
          `${nameCall(op)}: ${all}`,
          toPlace(at ?? ''),
          metLimit('argumentBytes', usage.argumentBytes),
        );
        return undefined;
      }
    }
    switch (verb) {
      case 'ask': {
        if (verdict && kinds.get(op) === 'effect') {
          const text = `${op} was refused: the sign-in has been decided.`;
          log.write({ after: seq, level: 'warn', text, ...toPlace(more) });
          return 'null';
        }
        return next(op, text, toPlace(more), null);
      }
      case 'schedule': {
        if (verdict) return undefined;
        const names = JSON.parse(more) as string[];
        const at = toPlace(names.pop() ?? '');
        const read = op === 'step' ? readSteering(op, text) : null;
        if (read && 'fault' in read) return refuse(read.fault, at);
        usage.queued = Math.max(usage.queued, scheduled.length + queue.length + 1);
        if (scheduled.length + queue.length >= limits.queue) {
          const said = `More than ${limits.queue} calls wait in the queue.`;
          error('SCRIPT_QUEUE', said, at, metLimit('queue', usage.queued));
          return undefined;
        }
        scheduled.push({ op, at, args: text, handlers: names, callback: id });
        return undefined;
      }
      case 'long':
        error('SCRIPT_DATA', describeLongest(op, text), toPlace(more), metLimit('argumentBytes', null));
        return undefined;
      case 'say':
        log.write({ after: seq, level: op, text, ...toPlace(more) });
        return undefined;
      case 'read':
        watched?.reads.push({ after: seq, what: op as Read['what'], of: JSON.parse(text), ...toPlace(more) });
        return undefined;
      case 'wrong':
        return refuse(text, toPlace(more));
      case 'check': {
        const read = readSteering(op, text);
        return 'fault' in read ? refuse(read.fault, toPlace(more)) : undefined;
      }
      case 'variables':
        inspect(text);
        return undefined;
      case 'verdict': {
        if (op !== 'fail' && op !== 'sendError') return undefined;
        const at = toPlace(more);
        const read = readSteering(op, text);
        if ('fault' in read) return refuse(read.fault, at);
        decide({ result: 'failure', by: op, info: JSON.stringify(read.values), ...at });
        return undefined;
      }
      case 'promise':
        if (op === 'open') openPromises++;
        else openPromises--;
        if (op === 'broken') threw(text);
        return undefined;
      default:
        error('SCRIPT_ERROR', 'The sandbox was spoken to in an unknown way.');
        return undefined;
    }
  };

  /** A wrong call ends the sign-in; the guest throws the sentence, should the script want to know. */
  function refuse(fault: string, at: Place): string {
    error('SCRIPT_ERROR', fault, at);
    return fault;
  }

  function inspect(text: string): void {
    const left = [...scheduled, ...queue];
    inspection.keep(text, {
      seq,
      queue: left.map(({ op, at, args, handlers }) => ({ op, args, handlers, ...at })),
    });
  }

  function threw(envelope: string): void {
    const [message, where] = JSON.parse(envelope) as [string, string];
    error('SCRIPT_ERROR', message, toPlace(where));
  }

  // ---- turns -----------------------------------------------------------------------------------------------------

  /** Runs code of ours in the guest, between turns. Where the machine starves it, nothing is decided. */
  function runOwn(name: Parameters<Guest['call']>[0], args: string[]): string | undefined {
    const began = performance.now();
    try {
      return guest.call(name, args, limits.turnWallMs);
    } catch (thrown) {
      if (!isolate.isDisposed && meter.isLate(began)) stopped = { kind: 'busy' };
      throw thrown;
    }
  }

  /** Runs guest code; a stop by the host is a verdict on the script, or `busy`. */
  function enter(run: (timeout: number) => void): void {
    const { fault, broke, late } = meter.measure(opener, run);
    if (stopped && isolate.isDisposed) return;
    if (isolate.isDisposed) return overrule('SCRIPT_MEMORY', usedUpMemory, metLimit('memoryMiB', null));
    if (fault) return overrule(fault.code, fault.message, fault.limit);
    if (!broke) return;
    if (!late) throw broke.thrown;
    stopped = { kind: 'busy' };
  }

  /** A turn that broke a limit ends the login, whatever it was waiting for or had decided. */
  function overrule(code: FailureCode, message: string, limit?: MetLimit): void {
    verdict = makeError(code, message, turnAt, limit);
    stopped = { kind: 'ends', verdict };
  }

  function turn(callback: number, handler: string, answerText: string, of = ''): void {
    turnName = handler + of;
    enter((timeout) => {
      const [how, envelope] = JSON.parse(guest.call('runTurn', [callback, handler, answerText], timeout)) as [
        string,
        string,
      ];
      if (how === 'threw' && !stopped) threw(envelope);
      if (how === 'no-entry') {
        error('SCRIPT_ERROR', 'The script defines no function onLoginRequest.');
      }
    });
    if (bundle.inspect && !stopped) runOwn('tellVariables', []);
    if (openPromises > 0 && !stopped)
      error('SCRIPT_DEADLOCK', 'A promise of the script was still open at the end of its turn.', turnAt);
    turnName = null;
  }

  /** Runs a text at the top level, and gives its value; undefined when that ended the play. */
  function runText(filename: string, text: string, columnOffset = 0): ivm.Reference | undefined {
    let script: ivm.Script;
    let value: ivm.Reference | undefined;
    turnName = null;
    try {
      script = isolate.compileScriptSync(text, { filename, columnOffset });
    } catch (thrown) {
      error('SCRIPT_SYNTAX', ...describe(thrown));
      return undefined;
    }
    turnName = 'top level';
    try {
      enter((timeout) => {
        value = script.runSync(context, { timeout, reference: true });
      });
    } catch (thrown) {
      error('SCRIPT_ERROR', ...describe(thrown));
      return undefined;
    }
    return stopped ? undefined : value;
  }

  function loop(): void {
    const started = next('start', '[]', nowhere, []);
    if (started === undefined) return;
    const scriptBytes = Buffer.byteLength(bundle.script);
    if (scriptBytes > limits.scriptBytes) {
      const said = `The script has more than ${limits.scriptBytes} bytes.`;
      return error('SCRIPT_TOO_LONG', said, nowhere, metLimit('scriptBytes', scriptBytes));
    }
    const { tenantDomain, serviceProviderName } = bundle;
    runOwn('begin', [JSON.stringify({ steps: bundle.steps, tenantDomain, serviceProviderName }), started]);
    for (const { name, source } of bundle.libraries ?? []) {
      // The text runs when it is required; here it only becomes a function, within the guest and its limits all the same.
      const library = runText(`script.js/${name}`, `${libraryHead}${source}\n})`, -libraryHead.length);
      if (!library) return;
      guest.hand('addLibrary', name, library.derefInto());
    }
    if (!runText('script.js', bundle.script)) return;
    if (bundle.inspect) {
      // Another script of the realm shares its top scope.
      const readers = bundle.inspect.names.map((name) => `${JSON.stringify(name)}: () => ${name}`);
      const made = runText('inspect.js', `({ __proto__: null, ${readers.join(', ')} })`);
      if (!made) return;
      guest.hand('takeReaders', made.derefInto());
    }
    turn(0, 'onLoginRequest', started);

    while (!stopped && !verdict) {
      queue = scheduled.concat(queue);
      scheduled = [];
      const item = queue.shift();
      if (!item) {
        hearNotes();
        return decide(proven ? { result: 'success' } : { result: 'failure', by: 'no-step', info: null, ...nowhere });
      }
      opener = seq;
      const text = next(item.op, item.args, item.at, item.handlers);
      if (text === undefined) return;
      opener = seq - 1;
      settle(item, text);
    }
  }

  /** The outcome table at work. */
  function settle(item: Scheduled, text: string): void {
    const { outcome, proves } = JSON.parse(text) as { outcome: string; proves?: boolean };
    if (item.op === 'step' && outcome === 'success' && proves === true) proven = true;
    const rule = (Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined) ?? {
      handlers: [`on${outcome}`, 'onSuccess'],
      unanswered: 'go on' as const,
    };
    const handler = rule.handlers.find((name) => item.handlers.includes(name));
    if (handler === undefined) {
      hear(text);
      if (rule.unanswered === 'fail') {
        decide({ result: 'failure', by: 'unanswered', info: text, ...item.at });
      }
      return;
    }
    turnAt = item.at;
    turn(item.callback, handler, text, ` of ${nameScheduled(item)}`);
    // A failed step, and a page that was cancelled, demand that their handler does something; a failed call's handler has
    // been given its say.
    if ((item.op === 'step' || outcome === 'abort') && rule.unanswered === 'fail' && scheduled.length === 0) {
      decide({ result: 'failure', by: 'empty-handler', info: text, ...item.at });
    }
  }

  let state = emptyState;
  try {
    loop();
    if (!isolate.isDisposed) {
      state = readState();
      usage.heapBytes = isolate.getHeapStatisticsSync().used_heap_size;
    }
  } catch (thrown) {
    // Code of ours was broken off: memory, an answer too deep, or time. A verdict without its state is none.
    if (isolate.isDisposed) overrule('SCRIPT_MEMORY', usedUpMemory, metLimit('memoryMiB', null));
    else if ((stopped as PlayEnd | null)?.kind !== 'busy') overrule('SCRIPT_ERROR', describe(thrown)[0]);
  } finally {
    fresh.listener = null;
  }

  const end = finish();
  if (end.kind === 'ends') log.close(seq);
  return {
    ...end,
    state,
    said: log.lines,
    usage,
    ...(watched ? { watched } : {}),
    ...inspection.result(),
  };

  function readState(): ScriptState {
    const text = runOwn('collect', [])!;
    if (text.length > limits.argumentBytes) {
      const said = `What the script set is longer than ${limits.argumentBytes} characters as JSON.`;
      overrule('SCRIPT_DATA', said, metLimit('argumentBytes', text.length));
      return state;
    }
    const collected = parseState(text);
    if (watched) watched.visits = collected.visits;
    return collected.state;
  }

  function finish(): PlayEnd {
    if (stopped) return stopped;
    const left = journal[seq];
    if (left) return { kind: 'differs', seq, journal: { op: left.op, args: left.args }, script: null };
    return { kind: 'ends', verdict: verdict! };
  }
}

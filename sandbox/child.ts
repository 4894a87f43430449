/*
 * The sandbox process. It holds no secrets and may do nothing: Node's permission model refuses files, network and child
 * processes, the environment is empty, and two pipes are its whole world. It plays one script at a time, synchronously;
 * a question in the middle of a turn blocks on the pipe until the server has answered.
 */
import { readSync, writeSync } from 'node:fs';
import ivm from 'isolated-vm';
import { type FreshIsolate, makeContext, makeFreshIsolate } from './fresh-isolate.ts';
import { type GuestSettings, readSettings } from './guest-calls.ts';
import { discard, play, playIn } from './play.ts';
import {
  type Bundle,
  defaultLimits,
  type Entry,
  type FromChild,
  type Limits,
  type PlayResult,
  type Question,
  type Reply,
  type ToChild,
} from './protocol.ts';

// Set again here, because a play must not depend on who starts the process. Its locale is pinned in the guest.
process.env['TZ'] = 'UTC';

const input = 3;
const output = 4;
const ready = 5;
const buffer = Buffer.alloc(1 << 16);
let pending: Buffer[] = [];
let lines: string[] = [];

function readMessage(): ToChild {
  while (lines.length === 0) {
    const length = readSync(input, buffer, 0, buffer.length, null);
    if (length === 0) process.exit(0);
    pending.push(Buffer.from(buffer.subarray(0, length)));
    if (!buffer.subarray(0, length).includes(10)) continue;
    const parts = Buffer.concat(pending).toString('utf8').split('\n');
    pending = [];
    const rest = parts.pop()!;
    // A message never ends in the middle of a character: the rest is kept as bytes.
    if (rest) pending.push(Buffer.from(rest));
    lines = parts;
  }
  return JSON.parse(lines.shift()!);
}

/**
 * Tries with little time on the clock first: a script that loops is ended soon after its CPU limit. One that the machine
 * starved is played once more with all of its time; what it has asked is in the journal by then.
 */
function playInTime(
  bundle: Bundle,
  journal: Entry[],
  limits: Limits,
  answer: (question: Question) => Reply,
): PlayResult {
  const short = Math.min(limits.turnWallMs, limits.turnCpuMs * 1.5);
  const fresh = takeIsolate(limits.memoryMiB, readSettings(bundle, limits));
  const first = playIn(fresh, bundle, journal, { ...limits, turnWallMs: short }, answer);
  if (first.kind !== 'busy' || short >= limits.turnWallMs) return first;
  discard(fresh);
  return play(bundle, journal, limits, answer);
}

/** The isolate of the script that is watched: its paths are played one after another, each in a context of its own. */
let kept: { isolate: ivm.Isolate; script: string; memoryMiB: number; plays: number } | null = null;
/** Contexts are freed late. */
const mostKeptPlays = 16;

/**
 * A watched play signs nobody in, so that it may follow others of its script in their isolate. What breaks there may be
 * their fault: it is played again in a fresh one, and only that counts.
 */
function playWatched(
  bundle: Bundle,
  journal: Entry[],
  limits: Limits,
  answer: (question: Question) => Reply,
): PlayResult {
  const { script } = bundle;
  const { memoryMiB } = limits;
  if (kept?.script !== script || kept.memoryMiB !== memoryMiB || kept.plays >= mostKeptPlays) {
    if (kept) discard(kept);
    kept = { isolate: new ivm.Isolate({ memoryLimit: memoryMiB }), script, memoryMiB, plays: 0 };
  }
  kept.plays++;
  const own = makeContext(kept.isolate, memoryMiB, readSettings(bundle, limits));
  const result = playIn(own, bundle, journal, limits, answer);
  if (kept.isolate.isDisposed) kept = null;
  else own.context.release();
  const code = result.kind === 'ends' && result.verdict.result === 'error' ? result.verdict.code : null;
  const broke = result.kind === 'busy' || code === 'SCRIPT_MEMORY' || code?.endsWith('TIMEOUT');
  return broke ? playInTime(bundle, journal, limits, answer) : result;
}

/** Made between two plays, for one with the same limits and functions as the last. */
let prepared: FreshIsolate | null = null;
/** Has served, and is thrown away when nobody waits. */
let used: FreshIsolate | null = null;

function takeIsolate(memoryMiB: number, settings: GuestSettings): FreshIsolate {
  if (prepared?.memoryMiB !== memoryMiB || prepared.settings !== settings) {
    if (prepared) discard(prepared);
    prepared = makeFreshIsolate(memoryMiB, settings);
  }
  used = prepared;
  prepared = null;
  return used;
}

/** Does what the next play would have to wait for. */
function makeReady(bundle: Bundle, limits: Limits): void {
  if (used) discard(used);
  used = null;
  if (!bundle.watch) prepared ??= makeFreshIsolate(limits.memoryMiB, readSettings(bundle, limits));
}

function send(message: FromChild): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(output, bytes, at);
}

const sample: Bundle = {
  script: 'function onLoginRequest() { executeStep(1, { onSuccess: function () {} }); }',
  functions: [],
  steering: [
    {
      name: 'executeStep',
      parameters: [
        { name: 'step', type: 'number' },
        { name: 'options', type: 'value' },
      ],
    },
  ],
  steps: [{ options: [] }],
  tenantDomain: '',
  serviceProviderName: '',
  hashKey: '',
};
// Whatever is made only once is made before the first login waits for it.
play(sample, [], defaultLimits, ({ op }) => ({
  answer: op === 'start' ? '{"at":0,"seed":0}' : '{"at":0,"step":1,"outcome":"success","proves":true}',
}));

writeSync(ready, '\n');

for (;;) {
  const message = readMessage();
  if ('prepare' in message) makeReady({ ...sample, functions: message.prepare.functions }, message.prepare.limits);
  if (!('play' in message)) continue;
  const { bundle, journal, limits } = message.play;
  const done = (bundle.watch ? playWatched : playInTime)(bundle, journal, limits, (question) => {
    send({ ask: question });
    const answer = readMessage();
    if (!('reply' in answer)) throw new Error('expected a reply');
    return answer.reply;
  });
  send({ done });
  makeReady(bundle, limits);
}

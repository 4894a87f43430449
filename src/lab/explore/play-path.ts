import {
  type Bundle,
  type Entry,
  type Limits,
  type PlayEnd,
  type PlayResult,
  placeOf,
  type Question,
  type Read,
  type Reply,
} from '../../../sandbox/protocol.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { StartAnswer } from '../../login/answers.ts';
import { endsWell } from '../../login/ending.ts';
import { type Facts, readFacts } from '../../login/facts.ts';
import { linksAccounts } from '../../login/flow.ts';
import { makeBundle } from '../../login/turn.ts';
import { tenantDomain } from '../../login/world.ts';
import { ScriptCallError } from '../../script-api/read-arguments.ts';
import type { WatchedScript } from '../../validator/watched-script.ts';
import { createDryWorld } from '../dry-world.ts';
import { nameSteps, plainRequest } from '../start.ts';
import { entriesOf, listCallAnswers, listed, timeOf } from './call-answers.ts';
import { type Choice, notesOf, takenOf, valuesOf, writeEntries } from './choices.ts';
import { type EndRefusal, findEndRefusal } from './end-refusal.ts';
import type { Bounds, ExploreDeps, ExploreRequest } from './explore.ts';
import { describeProvisioning, findRefusal, looksCloser } from './provisioning-reads.ts';
import { listStepAnswers } from './step-answers.ts';
import { describeRead, keyOf, otherText, usualIp, usualSeed, type Values } from './values.ts';

/** A path played to its end, or to where it was cut. */
export interface PlayedPath {
  choices: readonly Choice[];
  end: PlayEnd;
  selectedAcr: string | null;
  /** The places of the script that it came by. */
  visits: readonly number[];
  /** Why it was cut: a loop, or too many answers. */
  cut: { reason: 'loop' | 'depth'; question: Question } | null;
  /** Ends well as far as the script goes, for somebody who is refused an account: why. */
  refused: ErrorCode | null;
  /** Where the first need of an account is the end of a sign-in that goes well: by what it may be refused all the same. */
  endRefusal: EndRefusal | null;
  /** Did the script look at what provisioning did, where that was not told apart? */
  looksCloser: boolean;
}

/** Plays one path: the choices that are given, and the first alternative of each that comes after. */
export type PlayPath = (given: readonly Choice[]) => Promise<PlayedPath>;

export function createPlayPath(
  { pool, limits: usual, authenticators }: ExploreDeps,
  { flow, connections, applicationName }: ExploreRequest,
  {
    watched,
    bounds,
    seesProvisioning,
  }: {
    watched: WatchedScript;
    bounds: Bounds;
    /** Is every result of provisioning a path of its own, also where no handler is told? */
    seesProvisioning: boolean;
  },
): PlayPath {
  const { script, visit, placeBefore, writtenFor } = watched;
  const isWatched = flow.scriptEnabled && flow.script !== null;
  // The calls that were put in are no fault of the script.
  const limits: Limits = { ...usual, scriptBytes: usual.scriptBytes + 2 * Buffer.byteLength(script) };
  const steps = nameSteps(flow, connections, authenticators);
  const bundle: Bundle = {
    ...makeBundle(flow, [writeStart(new Map())], 'explore'),
    ...(isWatched ? { script } : {}),
    watch: { visit },
  };

  function writeStart(values: Values): Entry {
    const request: StartAnswer['request'] = {
      ip: String(values.get('ip') ?? usualIp),
      headers: entriesOf('header', [], values) as Record<string, string>,
      params: listed(entriesOf('param', [0], values)) as Record<string, string[]>,
      cookies: Object.fromEntries(
        Object.entries(entriesOf('cookie', [], values)).map(([name, value]) => [name, { value: String(value) }]),
      ),
    };
    const acrValues = (values.get('acr values') ?? []) as string[];
    const asked = { ip: request.ip, headers: request.headers, params: {}, cookies: {}, acrValues };
    const start: StartAnswer = {
      at: timeOf(values),
      seed: Number(values.get('chance') ?? usualSeed),
      asked: { ...plainRequest, ...asked },
      request,
      requestedAcr: acrValues,
      session: null,
      steps,
      tenantDomain,
      serviceProviderName: applicationName,
      ...(linksAccounts(flow) ? { links: true as const } : {}),
    };
    return { op: 'start', args: '[]', answer: JSON.stringify(start) };
  }

  return async (given) => {
    const values = valuesOf(given);
    const journal = [writeStart(values), ...writeEntries(given, values)];
    const asked = [...given];
    let cut: PlayedPath['cut'] = null;

    async function answer(question: Question): Promise<Reply> {
      const reason = findBound(question, asked, bounds);
      if (reason) {
        cut = { reason, question: { ...question, ...placeBefore(placeOf(question)) } };
        return { wait: true };
      }
      try {
        const choice = await choose(question);
        const text = JSON.stringify(takenOf(choice).answer(values));
        const notes = notesOf(choice, values);
        asked.push(choice);
        journal.push(...notes, { op: question.op, args: question.args, answer: text });
        return { answer: text, notes };
      } catch (failure) {
        if (failure instanceof ScriptCallError) return { refuse: { code: 'SCRIPT_ERROR', message: failure.message } };
        throw failure;
      }
    }

    async function choose(question: Question): Promise<Choice> {
      const { op, args, handlers, seq: after } = question;
      const base = { args, handlers, after, taken: 0, ...placeBefore(placeOf(question)) };
      const facts = readFacts(journal);
      if (op === 'step') {
        const refusal = facts.subject && findRefusal(asked, facts.subject.ref);
        const view = { sees: seesProvisioning, refusal };
        const alternatives = listStepAnswers(question, facts, { authenticators, connections }, view);
        return { ...base, kind: 'step', name: 'executeStep', alternatives };
      }
      const world = createDryWorld(
        { flow, scenario: {}, findUser: async () => null },
        { readFacts: () => facts, canPass: undefined },
      );
      for (const ref of [...facts.passed.map(({ user }) => user), ...facts.found]) {
        world.meet(ref, { kind: 'local', user: { username: otherText } });
      }
      const call = await listCallAnswers(question, asked, { flow, facts, world, writtenFor });
      return { ...base, name: op, ...call };
    }

    const result = await pool.play(bundle, journal, limits, answer);
    // Log lines and what else a script may have made long is not kept: there may be thousands of paths.
    const choices = addReads(asked, given, result, values);
    const facts = readFacts(journal);
    const refused = findRefused(asked, facts, values);
    return {
      choices,
      end: endOf(result),
      selectedAcr: result.state.selectedAcr,
      visits: result.watched?.visits ?? [],
      cut,
      refused,
      endRefusal: endsWell(result) && !refused ? findEndRefusal(choices, facts, connections) : null,
      looksCloser: !seesProvisioning && provisioningReads(result).some((read) => looksCloser(read, asked)),
    };
  };

  /** What was read for the first time becomes a choice, at its place among the answers. */
  function addReads(
    asked: readonly Choice[],
    given: readonly Choice[],
    { watched: seen }: PlayResult,
    before: Values,
  ): Choice[] {
    const values = new Map(before);
    const known = new Set(given.flatMap(({ key, args }) => (key === undefined ? [] : [key, args])));
    const reads: Choice[] = [];
    for (const read of seen?.reads ?? []) {
      const { what } = read;
      const { name, key, alternatives, open } =
        what === 'provisioning'
          ? describeProvisioning(read, asked, values)
          : describeRead({ ...read, what }, writtenFor);
      const of = keyOf(read.what, ...read.of);
      if (known.has(key)) {
        // The same value looked at in another way, of which the known alternatives may not be all.
        const other = read.what === 'best acr value' || read.what === 'acr values';
        if (!other || known.has(of)) continue;
      }
      const isNew = !known.has(key);
      known.add(key).add(of);
      if (isNew) values.set(key, alternatives[0]!.value);
      const shown = isNew ? alternatives : alternatives.slice(0, 1);
      reads.push({
        kind: 'reads',
        name,
        args: of,
        handlers: [],
        after: read.after,
        ...(isNew ? { key } : { key: of }),
        taken: 0,
        ...placeBefore(placeOf(read)),
        alternatives: shown.map(({ label, value }) => ({
          label,
          answer: () => value,
          ...(open === null && isNew ? {} : { open: open ?? 'the values are looked for in more than one way' }),
        })),
      });
    }
    return [...asked, ...reads].sort(inOrder);
  }
}

function provisioningReads({ watched }: PlayResult): Read[] {
  return watched?.reads.filter(({ what }) => what === 'provisioning') ?? [];
}

/** The login's own end asks for the account as well, and is refused as a step was. */
function findRefused(asked: readonly Choice[], { subject }: Facts, values: Values): ErrorCode | null {
  if (!asked.some((choice) => choice.kind === 'step' && takenOf(choice).note)) return null;
  return (subject && findRefusal(asked, subject.ref)?.codeOf(values)) ?? null;
}

function endOf(result: PlayResult): PlayEnd {
  const { state: _, said: __, usage: ___, watched: ____, ...end } = result;
  return end;
}

/** An answer that stands at a number comes after what was read before it. */
function inOrder(a: Choice, b: Choice): number {
  return a.after - b.after || Number(a.kind !== 'reads') - Number(b.kind !== 'reads');
}

/** May the path be followed beyond this question? One with the same place and arguments, again and again, is a loop. */
function findBound(
  { op, args, line }: Question,
  asked: readonly Choice[],
  { loops, depth }: Bounds,
): 'loop' | 'depth' | null {
  if (asked.length >= depth) return 'depth';
  if (op === 'start') return null;
  const name = op === 'step' ? 'executeStep' : op;
  const same = asked.filter(
    (choice) => choice.name === name && choice.args === args && choice.alternatives.length > 1 && choice.line === line,
  );
  return same.length >= loops ? 'loop' : null;
}

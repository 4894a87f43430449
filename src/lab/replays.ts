import type { SignInRule } from '../applications/sign-in-rule.ts';
import type { Connection } from '../connections/connection.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { ApplicationId, LoginId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { endsWell, failWithPage } from '../login/ending.ts';
import type { PublishedFlow } from '../login/flow.ts';
import type { Journals } from '../login/journal.ts';
import type { Login } from '../login/login.ts';
import { isRedacted } from '../login/redact.ts';
import type { Stores } from '../stores.ts';
import { checkOtherEnd, findOwnEnd, readOwnEnd } from './own-end.ts';
import {
  courseOf,
  describeReplay,
  findDifference,
  inspectReplay,
  type ReplayDeps,
  type Replayed,
  readRecorded,
  replay,
} from './replay.ts';
import type { Recording, ReplayAnswer, WhatIfAnswer } from './replay-types.ts';
import { nameSteps } from './start.ts';
import { compareLogins } from './what-if.ts';

/** Milliseconds that all plays of a what-if may take: a script that uses up its time at each must not hold up its admin. */
const patience = 30_000;

/** A flow that a login did not begin with, and the connections that it may name. */
export interface OtherFlow {
  flow: PublishedFlow;
  connections: readonly Connection[];
}

/** Past logins, played again. Nothing is written, sent or dialled. */
export interface Replays {
  /**
   * @param other null for the version that the login began with
   * @throws AppError OVERLOADED, SCRIPT_WALL_TIMEOUT
   */
  replay(login: Login, other: OtherFlow | null): Promise<ReplayAnswer>;
  /** The newest logins of an application with another flow. `progress` is told how many are done, of how many. */
  whatIf(
    applicationId: ApplicationId,
    other: OtherFlow,
    options: { limit: number; progress?(done: number, of: number): void; isWanted?(): boolean },
  ): Promise<WhatIfAnswer>;
}

export function createReplays({
  database,
  journals,
  clock,
  ...deps
}: ReplayDeps & { database: Database<Stores>; journals: Journals; clock: Clock }): Replays {
  const { read } = database;

  /** @returns a sentence where there is nothing to play */
  async function findRecording(id: LoginId): Promise<Recording | string> {
    const journal = await journals.read(read.logins, id);
    if (journal.length === 0) return 'Nothing was kept of it.';
    if (isRedacted(journal)) {
      return 'The person keeps no account here (JIT provisioning is off), so what was said of them was not kept.';
    }
    return { loginId: id, journal };
  }

  async function findOwn({ applicationId, version }: Login): Promise<PublishedFlow | null> {
    return (await read.applications.findVersion(applicationId, version))?.flow ?? null;
  }

  const stepsOf = ({ flow, connections }: OtherFlow) => nameSteps(flow, connections, deps.authenticators);

  return {
    async replay(login, other) {
      const recording = await findRecording(login.id);
      if (typeof recording === 'string') return hollow(recording);
      const own = await findOwn(login);
      if (!own && !other) return hollow(tellGone(login));
      const before = own && (await replay(deps, recording, own, null));
      const was = other && before ? courseOf(before) : readRecorded(recording, login.status === 'succeeded');
      const now = other ? await replay(deps, recording, other.flow, stepsOf(other)) : before!;
      const differs = findDifference(was, courseOf(now));
      const ownEnd = before && (await readOwnEnd(read, login, { played: before, now: clock.now() }));
      const refused = before && endsWell(before.result) ? (ownEnd?.code ?? null) : null;
      const rules = await readRules(login.applicationId);
      const otherEnd = differs && endsWell(now.result) ? await checkOtherEnd(read, now, { rules, refused }) : null;
      const untold = typeof otherEnd === 'string' ? otherEnd : tellUnasked(now);
      const end = differs ? otherEnd : ownEnd;
      const flow = (other?.flow ?? own)!;
      const { moments, journal } = await inspectReplay(deps, recording, flow, now);
      return {
        ...describeReplay(deps, { ...now, journal }, flow, typeof end === 'string' ? null : end),
        moments,
        differs,
        notReplayable: differs && untold,
      };
    },
    async whatIf(applicationId, other, { limit, progress = () => {}, isWanted = () => true }) {
      const began = performance.now();
      const steps = stepsOf(other);
      const flows = new Map<number, PublishedFlow | null>();
      const compared = compareLogins();
      const rules = await readRules(applicationId);
      const logins = await listNewest(applicationId, limit);
      for (const [i, login] of logins.entries()) {
        if (!isWanted()) break;
        if (!flows.has(login.version)) flows.set(login.version, await findOwn(login));
        const own = flows.get(login.version) ?? null;
        const late = performance.now() - began > patience;
        const lack = late ? 'There was no time to play it.' : own ? null : tellGone(login);
        const recording = lack ?? (await findRecording(login.id));
        if (typeof recording === 'string') compared.skip(login.id, recording);
        else await compare(recording, own!, login);
        progress(i + 1, logins.length);
      }

      async function compare(recording: Recording, own: PublishedFlow, login: Login): Promise<void> {
        const { id } = login;
        const plays = [replay(deps, recording, own, null), replay(deps, recording, other.flow, steps)] as const;
        const [before, now] = await Promise.allSettled(plays);
        if (before.status === 'fulfilled' && now.status === 'fulfilled') {
          const [was, is] = [before.value, now.value];
          const refused = endsWell(was.result) ? findOwnEnd(login, was, clock.now()) : null;
          const refusal = refused && failWithPage(refused);
          const isSame = findDifference(courseOf(was), courseOf(is)) === null;
          const end = isSame ? refusal : endsWell(is.result) ? await checkOtherEnd(read, is, { rules, refused }) : null;
          if (typeof end === 'string') return compared.skip(id, end);
          return compared.add(id, { deps, before: was, now: is, ends: { before: refusal, now: end } });
        }
        const { reason } = [before, now].find(({ status }) => status === 'rejected') as PromiseRejectedResult;
        if (!(reason instanceof AppError)) throw reason;
        compared.skip(id, reason.message);
      }
      return { ...compared.sum(), tookMs: Math.round(performance.now() - began) };
    },
  };

  /** As they are now. */
  async function readRules(id: ApplicationId): Promise<readonly SignInRule[]> {
    return (await read.applications.findById(id))?.signInRules ?? [];
  }

  async function listNewest(applicationId: ApplicationId, limit: number): Promise<Login[]> {
    const all: Login[] = [];
    while (all.length < limit) {
      const page = { after: all.at(-1)?.id ?? null, limit: Math.min(200, limit - all.length) };
      const found = await read.logins.list({ ...page, applicationId });
      all.push(...found);
      if (found.length < page.limit) break;
    }
    return all;
  }
}

/** Why nobody can tell how a play that differs goes on; null where it is known. */
function tellUnasked({ open }: Replayed): string | null {
  if (!open || open.op === 'step') return null;
  return `How it goes on nobody can tell: the login never asked ${open.op} so.`;
}

function tellGone({ version }: Login): string {
  return `Version ${version}, with which it began, is gone.`;
}

/** Of a login that cannot be played nothing is told but why. */
function hollow(reason: string): ReplayAnswer {
  const nothing = { steps: [], provisioning: [], trace: [], logs: [], effects: [], moments: [] };
  return { outcome: null, usage: null, ...nothing, differs: null, notReplayable: reason };
}

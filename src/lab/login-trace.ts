import type { Limits } from '../../sandbox/protocol.ts';
import type { Clock } from '../kernel/clock.ts';
import { errors } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Journals } from '../login/journal.ts';
import { isRedacted } from '../login/redact.ts';
import type { Stores } from '../stores.ts';
import { describeKeptUsage } from './describe-end.ts';
import type { LoginUsage, Trace } from './dry-run-types.ts';
import { stateOf } from './login-state.ts';
import { readDetail } from './own-end.ts';
import { makeTrace, type TraceEnd } from './trace.ts';

/** A real login, read from its journal. */
export interface LoginTrace {
  trace: Trace;
  /** Why there is nothing to read or replay; null where there is. */
  notReplayable: string | null;
  /** Null where there is nothing to read. */
  usage: LoginUsage | null;
}

/** Reads the traces of logins. @throws nothing for unknown ids: their trace is empty. */
export function createLoginTraces({
  database,
  journals,
  limits,
  clock,
}: {
  database: Database<Stores>;
  journals: Journals;
  limits: Limits;
  clock: Clock;
}): (id: LoginId) => Promise<LoginTrace> {
  return async (id) => {
    const login = await database.read.logins.findById(id);
    if (!login) return { trace: [], notReplayable: 'There is no such login.', usage: null };
    const journal = await journals.read(database.read.logins, id);
    const said = await journals.readLogs(database.read.logins, id);
    const { status, failureCode: code, endedAt } = stateOf(login, clock.now());
    const result =
      code !== null
        ? code.startsWith('SCRIPT_')
          ? 'error'
          : 'failure'
        : status === 'succeeded'
          ? 'success'
          : 'running';
    const message = code === null ? null : ((await readDetail(database.read, id)) ?? errors[code].admin);
    const end: TraceEnd = { result, code, message, line: null, column: null, at: endedAt ?? login.createdAt };
    const notReplayable = isRedacted(journal)
      ? 'The person keeps no account here (JIT provisioning is off), so what was said of them was not kept.'
      : null;
    const version = await database.read.applications.findVersion(login.applicationId, login.version);
    const script = (version?.flow.scriptEnabled && version.flow.script) || '';
    const usage = describeKeptUsage(login, { limits, journal, said, script, now: clock.now() });
    return { trace: makeTrace(journal, said, end), notReplayable, usage };
  };
}

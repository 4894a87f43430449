import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { CallAnswer, TellingFunction } from '../script-api/definition.ts';
import { tellLimits } from '../script-api/http/limits.ts';
import { scriptFunctions } from '../script-api/index.ts';
import { readArguments } from '../script-api/read-arguments.ts';
import type { Stores } from '../stores.ts';
import type { OpenOutside } from './call.ts';
import type { Telling } from './telling.ts';

/** What a script tells somebody outside. */
export interface Told {
  op: string;
  /** JSON text, none of it hidden. */
  args: string;
  loginId: LoginId;
  seq: number;
  /** When the login began: secrets are of that moment. */
  beganAt: number;
}

/** What scripts tell others, on its way while their sign-ins go on. */
export interface Teller {
  /** Writes it in the unit with its journal entry: from then on it is told at least once, whatever happens to the process. */
  keep(stores: Pick<Stores, 'tellings'>, told: Told): Promise<void>;
  /**
   * Begins to tell what is kept, once that is on disk. Nobody waits for it; the log tells of what did not arrive, and it is
   * not tried again.
   */
  tell(told: Told): void;
  /** Begins with what an earlier run of the server left. One teller per database: two would tell it twice each time. */
  start(): Promise<void>;
  /** Waits for those under way, as long as each may take at most. What has not begun is told after the next start. */
  stop(): Promise<void>;
}

const untold = 'What waits to be told is taken up later.';

/** At once, in one process: a server that hangs must not fill the memory. The others wait on the disk. */
const most = 500;

export function createTeller({
  database,
  box,
  clock,
  openOutside,
  log,
}: {
  database: Database<Pick<Stores, 'tellings'>>;
  box: CryptoBox;
  clock: Clock;
  openOutside: OpenOutside;
  log: { warn(fields: object, message: string): void };
}): Teller {
  const underWay = new Map<string, Promise<void>>();
  let waiting = false;
  let stopped = false;

  async function make({ op, args, loginId, seq, beganAt }: Told): Promise<void> {
    // Whoever it is about may have been deleted since.
    if (!(await database.read.tellings.has({ loginId, seq }))) return;
    const lost = (why: object) => log.warn({ login: loginId, call: op, ...why }, 'What a script told did not arrive.');
    const fn = getTellingFunction(op);
    const outside = openOutside({ loginId, seq, beganAt, signal: AbortSignal.timeout(tellLimits.time.value) });
    const given = readArguments(fn, JSON.parse(args)) as never[];
    const answer: CallAnswer | null = await fn.run(outside, ...given).catch((err: unknown) => {
      lost({ err });
      return null;
    });
    if (answer && answer.outcome !== 'success') lost({ code: answer.failure.code, detail: answer.failure.detail });
    await database.unit(({ tellings }) => tellings.delete({ loginId, seq }));
  }

  function tell(told: Told): void {
    const key = keyOf(told);
    if (stopped || underWay.has(key)) return;
    if (underWay.size >= most) {
      waiting = true;
      return;
    }
    const made = make(told)
      .catch((err: unknown) => log.warn({ login: told.loginId, err }, 'What a script told is told once more later.'))
      .then(() => {
        underWay.delete(key);
        if (waiting && underWay.size === 0) return takeUp();
      })
      .catch((err: unknown) => log.warn({ err }, untold));
    underWay.set(key, made);
  }

  async function takeUp(): Promise<void> {
    waiting = false;
    for (const telling of await database.read.tellings.list(clock.now(), most)) {
      try {
        tell(open(telling));
      } catch (err) {
        // One that cannot be read keeps no other waiting; it expires.
        log.warn({ login: telling.loginId, err }, 'What a script told cannot be read.');
      }
    }
  }

  function open({ loginId, seq, contentSealed }: Telling): Told {
    return { ...JSON.parse(box.open(contentSealed, `tellings/${keyOf({ loginId, seq })}`)), loginId, seq };
  }

  return {
    keep(stores, told) {
      const { op, args, beganAt, loginId, seq } = told;
      const contentSealed = box.seal(JSON.stringify({ op, args, beganAt }), `tellings/${keyOf(told)}`);
      return stores.tellings.insert({ loginId, seq, contentSealed, expiresAt: clock.now() + tellLimits.kept.value });
    },
    tell,
    start: () => takeUp().catch((err: unknown) => log.warn({ err }, untold)),
    async stop() {
      stopped = true;
      await Promise.all(underWay.values());
    },
  };
}

function keyOf({ loginId, seq }: Pick<Told, 'loginId' | 'seq'>): string {
  return `${loginId}/${seq}`;
}

function getTellingFunction(op: string): TellingFunction {
  const fn = scriptFunctions.get(op);
  if (fn?.effect !== 'tells') throw new AppError('INTERNAL', { detail: `«${op}» tells nobody anything.` });
  return fn;
}

import { second } from '../../kernel/clock.ts';
import { endSession } from '../../sessions/end.ts';
import { listLive } from '../../sessions/find.ts';
import type { SsoSession } from '../../sessions/session.ts';
import { parseUserAgent } from '../../sessions/user-agent.ts';
import type { Stores } from '../../stores.ts';
import {
  type Authenticator,
  defineAuthenticator,
  type Form,
  type Move,
  type StepContext,
  type StepState,
} from '../authenticator.ts';
import { sessionLimitDefinition } from './definition.ts';

/** What the page shows, and so what its answer is about. */
interface SessionLimitState {
  sessions: { id: string; browser: string; platform: string; ip: string; lastAccessTime: number }[];
  /** How many of all sessions have to end before the person may go on. */
  toEnd: number;
  limit: number;
}

/** Longer lists help nobody: the oldest of them can be ended together with all others. */
const longestList = 20;

/**
 * Lets a person be signed in in no more than so many browsers at once (`MaxSessionCount`; 1 where it is not a number from 1).
 * Who has fewer other sessions passes unnoticed. Others see them and end some, or give the sign-in up. The browser that they
 * sign in with does not count: its session goes on.
 *
 * It asks nobody who they are, so a step that proves it must come before; and it proves nothing itself.
 */
export function createSessionLimit(): Authenticator {
  return defineAuthenticator({
    ...sessionLimitDefinition,

    async begin(context) {
      return async (stores) => {
        const others = await listOthers(context, stores);
        return others === null ? noSubject : decide(context, others);
      };
    },

    async answer(context, _state, form) {
      return async (stores) => {
        const others = await listOthers(context, stores);
        if (others === null) return noSubject;
        const chosen = others.filter((session) => isChosen(session, form));
        const decided = decide(context, others, chosen);
        if (decided.kind !== 'success') return decided;
        const { login, now } = context;
        const end = { actor: 'person', reason: 'sessions limit', loginId: login.id, at: now } as const;
        for (const session of chosen) await endSession(stores, session, end);
        return decided;
      };
    },

    view({ now }, state) {
      const { sessions, toEnd, limit } = state as unknown as SessionLimitState;
      const ago = (at: number) => Math.max(0, Math.round((now - at) / second));
      return {
        view: 'session-limit',
        model: {
          sessions: sessions.map(({ lastAccessTime, ...session }) => ({ ...session, lastUsed: ago(lastAccessTime) })),
          toEnd,
          limit,
        },
      };
    },
  });
}

/** The person's sessions in other browsers; null while nobody has proven who they are. */
async function listOthers({ subject, now }: StepContext, { sessions }: Stores): Promise<SsoSession[] | null> {
  if (!subject) return null;
  return (await listLive(sessions, subject.sub, now)).filter(({ id }) => id !== subject.session);
}

/** Goes on when enough of the sessions end; else nothing ends, and the page is shown. */
function decide({ subject, parameters }: StepContext, others: SsoSession[], chosen?: SsoSession[]): Move {
  const limit = readLimit(parameters['MaxSessionCount']);
  const toEnd = others.length - limit + 1;
  if (subject && toEnd <= (chosen?.length ?? 0)) return { kind: 'success', person: subject.person, amr: [] };
  const state: SessionLimitState = { sessions: others.slice(0, longestList).map(describe), toEnd, limit };
  const shown = { kind: 'show', state: state as unknown as StepState } as const;
  if (!chosen) return shown;
  return { ...shown, problem: { code: 'SESSIONS_TOO_MANY', field: 'sessions', params: { count: String(toEnd) } } };
}

function describe({ id, ip, userAgent, lastAccessTime }: SsoSession): SessionLimitState['sessions'][number] {
  const { browser, platform } = parseUserAgent(userAgent);
  return { id, browser, platform, ip, lastAccessTime };
}

function isChosen({ id }: SsoSession, form: Form): boolean {
  return form['end'] === 'all' || form[`end.${id}`] === 'yes';
}

/** The strictest where it is not set well: a limit that a typing error lifts is none. */
function readLimit(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text.trim()) ? Number(text) : 1;
}

const noSubject = {
  kind: 'failed',
  problem: { code: 'NO_SUBJECT', detail: '«Active sessions limit».' },
} as const satisfies Move;

import type { SessionId } from '../kernel/ids.ts';
import type { People, Sessions, SessionView, SignedInApplication } from '../script-api/world.ts';
import { endSession } from '../sessions/end.ts';
import { findLive, listLive } from '../sessions/find.ts';
import type { SsoSession } from '../sessions/session.ts';
import { parseUserAgent } from '../sessions/user-agent.ts';
import type { Facts } from './facts.ts';
import { findSession, isSatisfied } from './remembered.ts';
import { findSub } from './visit.ts';
import type { LiveWorld } from './world.ts';

/** The SSO sessions of the people of a login, as its script reaches them. */
export function createSessions(live: LiveWorld, people: Pick<People, 'get'>): Sessions {
  const { stores, facts, loginId, box, now } = live;

  async function listOf(ref: string): Promise<SsoSession[]> {
    await people.get(ref);
    const person = findPerson(facts, ref);
    const sub = person && (await findSub(stores, box, person));
    return sub === null ? [] : listLive(stores.sessions, sub, now);
  }

  async function describeApplications({ subject, applications }: SsoSession): Promise<SignedInApplication[]> {
    const found = await Promise.all(applications.map((id) => stores.applications.findById(id)));
    return found.flatMap((each) => (each ? [{ subject, appName: each.name, appId: each.id }] : []));
  }

  async function describe(session: SsoSession): Promise<SessionView> {
    const { id, ip, loginTime, lastAccessTime, userAgent } = session;
    const applications = await describeApplications(session);
    return { id, ip, loginTime, lastAccessTime, userAgent: parseUserAgent(userAgent), applications };
  }

  return {
    steps: facts.start.steps.length,
    list: async (ref) => Promise.all((await listOf(ref)).map(describe)),
    async countOthers(ref) {
      return (await listOf(ref)).filter(({ id }) => id !== facts.start.session).length;
    },
    async end(ref, id) {
      const own = (await listOf(ref)).some((session) => session.id === id);
      const session = own ? await findLive(stores.sessions, id as SessionId, now) : null;
      if (session) await endSession(stores, session, { actor: 'script', reason: 'terminated', loginId, at: now });
      return session !== null;
    },
    async applications() {
      const session = await findSession(stores, box, facts, now);
      return session ? describeApplications(session) : [];
    },
    satisfies: (step) => isSatisfied(live, stores, { facts, step, now }),
  };
}

/** Somebody of this login; whoever was found by a function, or only named, is an account. */
function findPerson(facts: Facts, ref: string): Parameters<typeof findSub>[2] | null {
  const federated = facts.federated.get(ref);
  if (federated) return { federated };
  return ref.startsWith('claimed:') ? null : { userId: ref as never };
}

import { createPerson, type Person } from '../../src/cli/demo/person.ts';
import type { Pending } from './application.ts';
import { findFaults, readPassedSteps } from './check.ts';
import type { FailPoint } from './fail-point.ts';
import { makeSigner, signIn } from './sign-in.ts';
import { type CrashWorld, password } from './world.ts';

export interface Race {
  /** Did the server come to the point, and die there? */
  died: boolean;
  /** Where the two racers ended: `tokens`, or what stood there. */
  ends: string[];
  /** The steps that were passed, of the one login or of both. */
  passed: string[];
  faults: string[];
}

interface Racer {
  person: Person;
  pending: Pending;
  loginId: string;
}

/**
 * Two answers to a step come at the same moment with the same code of an app, and the server dies on the way, at the point
 * given. Both racers go on when it is back. They are two tabs of one browser in one login, or two browsers in two logins of
 * one account: only one can have the code, whatever had reached the disk.
 */
export async function race(
  world: CrashWorld,
  { who, browsers, point }: { who: string; browsers: 1 | 2; point: FailPoint },
): Promise<Race> {
  const { server, application } = world;
  const signer = makeSigner('totp', { who });
  await signIn(world, signer);
  const first = await comeToCode(world, who);
  const second = browsers === 2 ? await comeToCode(world, who) : { ...first, person: first.person.opensTab() };
  if (browsers === 1) second.person.returnsTo(first.person.page());
  const code = signer.app?.nextCode() ?? '';

  const over = Promise.withResolvers<boolean>();
  server.arm(point);
  const restarted = Promise.race([server.ended().then(() => true), over.promise]).then(async (died) => {
    if (died) await server.start();
    return died;
  });
  const ends = await Promise.all(
    [first, second].map(async ({ person, pending }) => {
      await person.submits({ code });
      const page = await goOn(world, person, code);
      if (!page.url.startsWith(application.callbackUrl)) return `${page.status} ${page.heading || page.title}`;
      return (await application.redeem(page.url, pending)) ? 'tokens' : 'a code that is refused';
    }),
  );
  over.resolve(false);
  const died = await restarted;
  const logins = [...new Set([first.loginId, second.loginId])];
  const passed = logins.map((loginId) => readPassedSteps(world.directory, loginId).join()).sort();
  return { died, ends, passed, faults: findFaults(world, { final: false }) };
}

async function comeToCode({ application, untilReady }: CrashWorld, who: string): Promise<Racer> {
  const { url, pending } = await application.begin();
  const person = createPerson({ name: who, onNoAnswer: untilReady });
  await person.opens(url);
  await person.submits({ username: who, password });
  await person.chooses('totp');
  return { person, pending, loginId: /login_[\w-]+/.exec(person.page().url)?.[0] ?? '' };
}

/** Until the application, or a page that takes no code. */
async function goOn({ application }: CrashWorld, person: Person, code: string) {
  for (let pages = 0; pages < 10; pages++) {
    const page = person.page();
    if (page.url.startsWith(application.callbackUrl)) break;
    const asksCode = page.forms.some(({ fields }) => fields.some(({ name }) => name === 'code'));
    if (page.status === 409) await person.follows('Continue');
    else if (asksCode && page.alerts.length === 0) await person.submits({ code });
    else break;
  }
  return person.page();
}

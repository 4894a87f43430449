import { expect } from 'vitest';
import type { Entry } from '../../sandbox/protocol.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import { createJournals } from '../../src/login/journal.ts';
import { login } from '../sandbox/world.ts';
import { askApplication, beginsSignIn, enrolsApp, readRefusal, typesPassword } from '../stories/moves.ts';
import type { World } from '../stories/world.ts';

/*
 * The same scripts in a whole server: a person signs in under each of them, over HTTP, with everything on disk. Whatever
 * the script does, the login is closed with one event, or it was passed in earnest.
 */

/** What a person does at a step: passes it, or gives it up. */
export type Move = 'success' | 'fail';

export interface LiveEnd {
  /** `success`, or the code of the failure; `OVERLOADED` where the machine could not tell, again and again. */
  end: string;
  /** All that got out: page, event, script's log. */
  told: string;
}

const steps = [
  { options: [{ authenticator: 'BasicAuthenticator' }] },
  { options: [{ authenticator: 'totp' }] },
  { options: [{ authenticator: 'IdentifierExecutor' }] },
];
let people = 0;

/**
 * Signs somebody in under a script and expects what must hold of the login, however it ends.
 * @param forbidden texts that nobody may be told
 */
export async function signInUnder(
  world: World,
  script: string,
  moves: readonly Move[],
  forbidden: readonly string[],
): Promise<LiveEnd> {
  const username = `person${++people}`;
  await world.addUser(username);
  await world.publish({ script, steps });
  const { liveVersion } = (await world.app.database.read.applications.findById(world.registered.id))!;
  await world.happened();

  for (let tries = 1; ; tries++) {
    const person = await beginsSignIn(world);
    const left = [...moves];
    for (let i = 0; i < 20 && person.page().forms.length > 0 && person.canChoose('cancel'); i++) {
      const move = left.shift() ?? 'success';
      if (move === 'fail') await person.chooses('cancel');
      else if (person.page().forms.some(({ fields }) => fields.some(({ name }) => name === 'password')))
        await typesPassword(person, username);
      else await enrolsApp(world, person);
    }
    const refusal = await readRefusal(world, person);
    // Nobody is let in by a machine that is too busy to tell; the person begins again.
    if (refusal.code === 'OVERLOADED' || refusal.code === 'SCRIPT_WALL_TIMEOUT') {
      expect((await askApplication(world, person)).signedIn).toBe(false);
      if (tries < 5) continue;
      return { end: 'OVERLOADED', told: '' };
    }

    const happened = await world.happened();
    const { signedIn } = await askApplication(world, person);
    const passed = 'login.succeeded' in happened;
    const event = await world.lastEvent(passed ? 'login.succeeded' : 'login.failed');
    const { details } = event;
    const loginId = event.loginId as LoginId;
    const stored = (await world.app.database.read.logins.findById(loginId))!;
    const entries = await world.app.database.read.logins.listEntries(loginId);
    const journal = await createJournals({ box: world.box }).read(world.app.database.read.logins, loginId);
    const logs = await createJournals({ box: world.box }).readLogs(world.app.database.read.logins, loginId);

    // One event with version and reason, of a length and alphabet that any log can take.
    expect(happened[event.type]).toBe(1);
    expect(details['version']).toBe(liveVersion);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(4096);
    expect(JSON.stringify(event)).not.toMatch(/\\[rn]|\\u00|[\u202a-\u202e\u2066-\u2069]/);
    // No entry is missing or half.
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i));
    expectWholeEntries(journal);
    // Success is what the journal proves, and nothing else.
    const proven = journal.filter(({ op, answer }) => op === 'step' && /"proves":true/.test(answer));
    expect({
      signedIn,
      status: stored.status,
      waits: stored.waitingSealed !== null,
      proven: proven.length > 0,
    }).toEqual({
      signedIn: passed,
      status: passed ? 'succeeded' : 'failed',
      waits: false,
      proven: passed || proven.length > 0,
    });
    if (!passed) {
      expect(happened).not.toHaveProperty('login.succeeded');
      expect(event.code).toBe(stored.failureCode);
      expect(String(details['sentence']).length).toBeGreaterThan(10);
      // Closed is closed: whoever comes back to it finds the same end.
      await person.opens(`${world.url}/login/${loginId}`);
      expect((await askApplication(world, person)).signedIn).toBe(false);
      expect(await world.app.database.read.logins.findById(loginId)).toEqual(stored);
      expect(await world.happened()).toEqual({});
    }
    const told = JSON.stringify([person.page(), refusal, event, logs]);
    expect(forbidden.filter((text) => told.includes(text))).toEqual([]);
    return { end: passed ? 'success' : event.code!, told };
  }
}

/** Each has its operation, its arguments as a list, and an answer that can be read: none is cut off. */
export function expectWholeEntries(journal: readonly Entry[]): void {
  for (const { op, args, answer } of journal) {
    expect(op).toMatch(/^[\w.]+$/);
    expect(JSON.parse(args)).toBeInstanceOf(Array);
    expect(() => JSON.parse(answer)).not.toThrow();
  }
}

/** Whoever comes after all of them signs in as ever. */
export async function expectOrdinarySignIn(world: World): Promise<void> {
  const { end } = await signInUnder(world, login('executeStep(1, { onSuccess: () => executeStep(2) });'), [], []);
  expect(end).toBe('success');
}

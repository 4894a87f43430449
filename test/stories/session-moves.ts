import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import type { StepAnswer } from '../../src/login/answers.ts';
import type { Flow } from '../../src/login/flow.ts';
import { createJournals } from '../../src/login/journal.ts';
import { beginsSignIn, typesPassword } from './moves.ts';
import { addSecondApplication, type SecondApplication } from './second-application.ts';
import { startWorld, type World } from './world.ts';

/** What people do in the stories of sessions, and what can be seen of it. */

export const passwordOrGoogle = { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] };

export const passwordOnly: Partial<Flow> = {
  steps: [passwordOrGoogle],
  script: 'function onLoginRequest() { executeStep(1); }',
};

export const bothSteps: Partial<Flow> = {
  steps: [passwordOrGoogle, { options: [{ authenticator: 'totp' }] }],
  script: 'function onLoginRequest() { executeStep(1); executeStep(2); }',
};

/** Two applications of one server for the tests of a file; as each test begins, both ask for a password alone. */
export function startTwoApplications(take: (world: World, wiki: SecondApplication) => void): void {
  let world: World;
  let wiki: SecondApplication;
  beforeAll(async () => {
    world = await startWorld();
    wiki = await addSecondApplication(world);
    take(world, wiki);
  });
  afterAll(async () => {
    await wiki?.close();
    await world?.close();
  });
  beforeEach(async () => {
    await world.publish(passwordOnly);
    await wiki.publish(passwordOnly);
    await world.happened();
  });
}

let count = 0;

/** Somebody new, signed in to the first application with a password. */
export async function signedIn(world: World): Promise<{ person: Person; user: User }> {
  const user = await world.addUser(`ann-${++count}`);
  const person = await beginsSignIn(world);
  await typesPassword(person, user.username);
  if (person.isAt() !== 'Signed in') throw new Error(`${user.username} is at «${person.isAt()}».`);
  await world.happened();
  return { person, user };
}

/** How many pages of a sign-in the person sees on a way. */
export async function pagesSeen(person: Person, go: () => Promise<unknown>): Promise<number> {
  const before = person.hops().length;
  await go();
  const pages = person.hops().slice(before);
  return pages.filter(({ url, outcome }) => url.includes('/login/') && outcome.startsWith('«')).length;
}

/** The newest sign-in, with the outcomes of its steps. */
export async function readLastLogin(world: World) {
  const { logins } = world.app.database.read;
  const [login] = await logins.list({ after: null, limit: 1 });
  const journal = await createJournals({ box: world.box }).read(logins, login!.id);
  const steps = journal.filter(({ op }) => op === 'step').map(({ answer }) => JSON.parse(answer) as StepAnswer);
  return { login: login!, steps };
}

export function sessionsOf(world: World, { subject }: { subject: unknown }) {
  return world.app.database.read.sessions.listBySubject(String(subject));
}

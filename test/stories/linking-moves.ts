import { expect } from 'vitest';
import { type AuthenticatorApp, createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { JitSettings, LinkingSettings } from '../../src/connections/connection.ts';
import type { User } from '../../src/directory/user.ts';
import type { UserId } from '../../src/kernel/ids.ts';
import { newId } from '../../src/kernel/ids.ts';
import { beginsSignIn, comesThroughGoogle } from './moves.ts';
import type { World } from './world.ts';

/** Turns linking on for the world's connection. */
export function setLinking(
  world: World,
  linking: Partial<LinkingSettings>,
  jit: Partial<JitSettings> = {},
): Promise<void> {
  return world.changeConnection((one) => ({
    ...one,
    jit: { ...one.jit, ...jit, linking: { ...one.jit.linking, enabled: true, ...linking } },
  }));
}

/** Somebody in a new browser comes through Google. */
export async function arrives(world: World, name = 'Grace Hopper'): Promise<Person> {
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person, name);
  return person;
}

/** The account of somebody from Google. */
export async function findLinkedAccount(world: World, sub = graceHopper.sub): Promise<UserId | null> {
  return (await world.app.database.read.users.findAssociation(world.connection.id, sub))?.userId ?? null;
}

/** The account is as it was, and nobody from the connection has it. */
export async function expectUntouched(world: World, account: User): Promise<void> {
  expect(await world.app.database.read.users.findById(account.id)).toEqual(account);
  expect(await world.app.database.read.users.listAssociations(account.id)).toEqual([]);
}

/** Gives the account an authenticator app. */
export async function addApp({ app, box, clock }: World, { id: userId }: User): Promise<AuthenticatorApp> {
  const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const id = newId('factor');
  const secretSealed = box.seal(key, `factors/${id}/secret`);
  await app.database.unit(({ users }) =>
    users.insertFactor({ id, userId, type: 'totp', secretSealed, lastTimeStep: null, createdAt: clock.now() }),
  );
  return createAuthenticatorApp(key, clock);
}

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { beginsSignIn } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/* The recipes of src/connections/README.md, played as they stand. */

const page = readFileSync(new URL('../../src/connections/README.md', import.meta.url), 'utf8');

interface Recipe {
  requests: { method: string; path: string; body: Record<string, unknown> }[];
  account: unknown;
}

function readRecipe(title: string): Recipe {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```(http|json)\n([\s\S]*?)^```/gm)].map(([, kind, text = '']) => ({
    kind,
    text,
  }));
  const requests = blocks.flatMap(({ kind, text }) => {
    const [, method = '', path = '', body = ''] = /^(\w+) \/api\/v1(\S+)\n\n([\s\S]*)$/.exec(text) ?? [];
    return kind === 'http' ? [{ method, path, body: JSON.parse(body) }] : [];
  });
  const account = blocks.find(({ kind }) => kind === 'json');
  return { requests, account: account && JSON.parse(account.text) };
}

/** What stands there; `…` stands for any text. */
function asExpected(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('…')) return expect.stringMatching(`^${value.replace('…', '.+')}$`);
  if (Array.isArray(value)) return value.map(asExpected);
  if (typeof value !== 'object' || value === null) return value;
  return expect.objectContaining(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asExpected(one)])));
}

let world: World;
let saml: SamlProvider | null = null;
beforeEach(async () => {
  world = await startWorld();
  await world.changeConnection((one) => ({ ...one, name: 'Of the test itself' }));
});
afterEach(async () => {
  await Promise.all([world?.close(), saml?.close()]);
  saml = null;
});

/** A request as the page has it. */
function call({ method, path, body }: Recipe['requests'][number]) {
  return world.admin[method.toLowerCase() as 'post' | 'put' | 'patch'](path, body);
}

/** Carries a recipe's first request out, with the values that only its reader knows, and offers the connection. */
async function connect(title: string, known: Record<string, unknown>): Promise<string> {
  const [request] = readRecipe(title).requests;
  const { id, name } = await call({ ...request!, body: { ...request!.body, ...known } });
  for (const { method, path, body } of readRecipe('Offer it').requests) {
    const text = JSON.stringify(body).replace('"Google"', JSON.stringify(name));
    await call({ method, path: path.replace(':app', world.registered.id), body: JSON.parse(text) });
  }
  return id;
}

async function expectAccount(title: string): Promise<void> {
  const [user, ...others] = await world.users();
  expect(others).toEqual([]);
  expect(await world.admin.get(`/users/${user!.id}`)).toEqual(asExpected(readRecipe(title).account));
}

const local = () => ({
  issuer: world.identityProvider.url,
  clientId: 'stepgate',
  clientSecret: 'a secret between the two of them',
});

/** The pages that somebody sees from the sign-in page to the application. */
async function seen(person: Person, ...moves: ((person: Person) => Promise<unknown>)[]): Promise<string[]> {
  const pages = [person.isAt()];
  for (const move of moves) {
    await move(person);
    pages.push(person.isAt());
  }
  return pages;
}

it('connect Google', async () => {
  await connect('Connect Google', local());
  for (const _time of ['first', 'second']) {
    const person = await beginsSignIn(world);
    const pages = await seen(
      person,
      (one) => one.chooses('Continue with Google'),
      (one) => one.chooses('Grace Hopper'),
    );
    expect(pages).toEqual(['Sign in', 'Choose an account', 'Signed in']);
    await expectAccount('Connect Google');
  }
});

it('connect your company’s Entra', async () => {
  const title = "Connect your company's Entra";
  await connect(title, local());
  const [group] = Object.keys(readRecipe(title).requests[0]!.body['groupMapping'] as object);
  const comes = async (groups: unknown[]) => {
    const told = { preferred_username: 'grace@contoso.example', email_verified: null, groups };
    world.identityProvider.misbehave({ idToken: told, userinfo: told });
    const person = await beginsSignIn(world);
    const moves = ['Continue with Contoso', 'Grace Hopper'].map((wish) => (one: Person) => one.chooses(wish));
    expect(await seen(person, ...moves)).toEqual(['Sign in', 'Choose an account', 'Signed in']);
  };
  await comes([group, 'another']);
  await expectAccount(title);
  await comes(['another']);
  expect((await world.users())[0]).toMatchObject({ groups: [] });
});

it('connect SAML', async () => {
  saml = await createSamlProvider('127.0.0.3');
  const id = await connect('Connect SAML', { metadataXml: saml.metadata() });
  const { metadataUrl, callbackUrl } = await world.admin.get(`/connections/${id}`);
  expect(await (await fetch(String(metadataUrl))).text()).toContain(callbackUrl);
  for (const _time of ['first', 'second']) {
    const person = await beginsSignIn(world);
    const pages = await seen(
      person,
      (one) => one.chooses('Continue with Example Ltd'),
      (one) => one.submits({}),
    );
    expect(pages).toEqual(['Sign in', 'Signing in', 'Signed in']);
    await expectAccount('Connect SAML');
  }
});

it('link existing accounts', async () => {
  const id = await connect('Connect Google', local());
  const [linking] = readRecipe('Link existing accounts').requests;
  await call({ ...linking!, path: linking!.path.replace(':id', id) });
  const grace = await world.addUser('grace', { email: graceHopper.email, verified: [] });
  const person = await beginsSignIn(world);
  const pages = await seen(
    person,
    (one) => one.chooses('Continue with Google'),
    (one) => one.chooses('Grace Hopper'),
    (one) => one.submits({ password }),
  );
  expect(pages).toEqual(['Sign in', 'Choose an account', 'Is this your account?', 'Signed in']);
  await expectAccount('Link existing accounts');
  expect((await world.users())[0]).toMatchObject({ id: grace.id, subject: grace.subject });
  expect((await world.lastEvent('association.created')).details).toMatchObject({
    rule: expect.anything(),
    proof: 'CONFIRM_WITH_PASSWORD',
    shown: ['password'],
  });
});

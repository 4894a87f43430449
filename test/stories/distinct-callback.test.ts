import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDemoIdentityProvider, type DemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { connectionUrls } from '../../src/connections/urls.ts';
import { changeConnection } from './connections.ts';
import { askApplication, beginsSignIn, takeAnswer } from './moves.ts';
import { makeConnection } from './seed.ts';
import { startWorld, type World } from './world.ts';

/** An OpenID provider that sends no `iss` answers to an address that is its connection's alone (RFC 9700, section 4.4.2.2). */

let world: World;
let provider: DemoIdentityProvider;
let own: OidcConnection;
let ownUrl: string;
const secret = 'another secret';

beforeAll(async () => {
  world = await startWorld();
  const draft = makeConnection(world.box, {
    name: 'Own',
    issuer: 'later',
    clientId: 'stepgate',
    clientSecret: secret,
    distinctCallback: true,
  });
  ownUrl = connectionUrls(world.url, draft).callbackUrl;
  const client = { id: 'stepgate', secret, redirectUris: [ownUrl, `${world.url}/login/callback`] };
  provider = await createDemoIdentityProvider({ host: '127.0.0.6', name: 'Own', client });
  own = { ...draft, issuer: provider.url };
  await world.app.database.unit(({ connections }) => connections.insert(own));
  await world.publish({ steps: [{ options: [{ idp: 'Own' }, { idp: 'Google' }] }], scriptEnabled: false });
});
afterAll(() => Promise.all([world?.close(), provider?.close()]));
beforeEach(async () => {
  provider.misbehave({
    metadata: { authorization_response_iss_parameter_supported: false },
    callback: { iss: null },
  });
  world.identityProvider.misbehave({});
  await changeConnection<OidcConnection>(world, own, (now) => ({ ...now, responseMode: 'query' }));
});

it('is named in callbackUrl, and sent as redirect URI; the default is the shared one', () => {
  expect(ownUrl).toBe(`${world.url}/connections/${own.id}/callback`);
  expect(connectionUrls(world.url, world.connection).callbackUrl).toBe(`${world.url}/login/callback`);
});

it.each(['query', 'form_post'] as const)('signs people in, answering by %s', async (responseMode) => {
  await changeConnection<OidcConnection>(world, own, (now) => ({ ...now, responseMode }));
  const person = await beginsSignIn(world);
  await person.chooses('Own');
  await person.chooses('Grace Hopper');
  if (responseMode === 'form_post') {
    expect(person.page().forms[0]).toMatchObject({ method: 'post', action: ownUrl });
    await person.submits({});
  }
  expect(person.isAt()).toBe('Signed in');
  const ours = person.hops().filter(({ url }) => /\/connections\/[^/]+\/callback/.test(url));
  expect(ours.length).toBeGreaterThan(0);
});

const refused = { code: 'IDP_ANSWER_INVALID', details: { detail: expect.stringContaining('It came to') } };

describe('An answer at another address is refused, and its code is shown to nobody', () => {
  it.each<[string, () => string]>([
    ['the shared one', () => '/login/callback'],
    ['that of another connection', () => `/connections/${world.connection.id}/callback`],
    ['that of no connection', () => '/connections/conn_none/callback'],
  ])('%s', async (_where, path) => {
    const person = await beginsSignIn(world);
    await person.chooses('Own');
    const answer = new URL(await takeAnswer(world, person));
    expect(answer.origin + answer.pathname).toBe(ownUrl);
    const redeemed = provider.requests().token ?? 0;
    answer.pathname = path();
    await person.opens(answer.href);
    expect(person.isAt()).not.toBe('Signed in');
    expect(await world.lastEvent('login.step-missed')).toMatchObject(refused);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(provider.requests().token ?? 0).toBe(redeemed);
  });

  it('nor is an answer of a provider without such an address taken there', async () => {
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    const redeemed = world.identityProvider.requests().token ?? 0;
    const { search } = new URL(await takeAnswer(world, person));
    await person.opens(ownUrl + search);
    expect(await world.lastEvent('login.step-missed')).toMatchObject(refused);
    expect(world.identityProvider.requests().token ?? 0).toBe(redeemed);
  });
});

import { X509Certificate } from 'node:crypto';
import { CompactEncrypt, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { ConnectionKey } from '../../src/connections/connection.ts';
import { makeConnectionKey } from '../../src/connections/connection-keys.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { connectSaml } from './connections.ts';
import { askApplication, beginsSignIn, comesThroughGoogle, enrolsApp, typesPassword } from './moves.ts';
import { bothSteps, passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Signing out reaches over to the identity provider, and from there to here. */

let world: World;
let saml: SamlProvider;
beforeAll(async () => {
  world = await startWorld();
  saml = await createSamlProvider('127.0.0.3');
  await connectSaml(world, saml);
  await world.publish(oneStep);
});
afterAll(() => Promise.all([world?.close(), saml?.close()]));
const oneStep = {
  steps: [{ options: [...passwordOrGoogle.options, { idp: 'Example Ltd' }] }],
  script: null,
  scriptEnabled: false,
};
let count = 0;
beforeEach(async () => {
  saml.misbehave({ attributes: { mail: 'ada@example.com' } });
  const metadata = { end_session_endpoint: `${world.identityProvider.url}/bye` };
  world.identityProvider.misbehave({ metadata, idToken: { sid: `sid-${++count}` } });
  // Its metadata are asked for anew.
  await world.changeConnection((connection) => ({ ...connection, singleLogout: true }));
  await world.happened();
});

const event = 'http://schemas.openid.net/event/backchannel-logout';
const seconds = () => Math.floor(Date.now() / 1000);
let tokens = 0;

/** What the provider tells; null leaves a claim out. */
function logoutClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const claims = {
    iss: world.identityProvider.url,
    aud: 'stepgate',
    iat: seconds(),
    exp: seconds() + 120,
    jti: `jti-${++tokens}`,
    events: { [event]: {} },
    sub: world.identityProvider.people[0]!.sub,
    sid: `sid-${count}`,
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}

async function tells(logoutToken: string | null) {
  const answer = await fetch(`${world.url}/connections/${world.connection.id}/logout`, {
    method: 'POST',
    body: new URLSearchParams(logoutToken === null ? {} : { logout_token: logoutToken }),
  });
  const text = await answer.text();
  const reason = text === '' ? null : (JSON.parse(text) as { error_description: string }).error_description;
  return { status: answer.status, cache: answer.headers.get('cache-control'), reason };
}

const tellsOf = async (changes?: Record<string, unknown>) =>
  tells(await world.identityProvider.sign(logoutClaims(changes)));

async function signedInByGoogle(name?: string): Promise<Person> {
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person, name);
  expect(person.isAt()).toBe('Signed in');
  return person;
}

async function signedInBySaml(): Promise<Person> {
  const person = await beginsSignIn(world);
  await person.chooses('Example Ltd');
  await person.submits({});
  expect(person.isAt()).toBe('Signed in');
  return person;
}

/** Has the person a session here: does another sign-in pass without a question? */
async function isSignedIn(person: Person): Promise<boolean> {
  await person.opens(`${world.application.url}/sign-in`);
  return person.isAt() === 'Signed in';
}

describe('told by an OpenID provider (Back-Channel Logout)', () => {
  it('ends the session that came of it, and its tokens', async () => {
    const person = await signedInByGoogle();
    expect(await isSignedIn(person)).toBe(true);
    expect(await tellsOf()).toEqual({ status: 200, cache: 'no-store', reason: null });
    await person.opens(`${world.application.url}/me`);
    await person.chooses('Refresh the tokens');
    expect(person.page().status).toBe(502);
    expect(await isSignedIn(person)).toBe(false);
    expect(await world.happened()).toMatchObject({ 'session.ended': 1, 'upstream.signed-out': 1 });
  });

  it('by sid: the other browser stays; by sub alone: all of the person go, and nobody else', async () => {
    const phone = await signedInByGoogle();
    const metadata = { end_session_endpoint: `${world.identityProvider.url}/bye` };
    world.identityProvider.misbehave({ metadata, idToken: { sid: `sid-${++count}` } });
    const laptop = await signedInByGoogle();
    const alan = await signedInByGoogle('Alan Turing');
    const ann = await beginsSignIn(world);
    await world.addUser('ann');
    await typesPassword(ann, 'ann');

    await tellsOf({ sub: null, sid: `sid-${count - 1}` });
    expect([await isSignedIn(phone), await isSignedIn(laptop)]).toEqual([false, true]);
    await tellsOf({ sid: null });
    expect([await isSignedIn(laptop), await isSignedIn(alan), await isSignedIn(ann)]).toEqual([false, true, true]);
  });

  it('a sid of somebody else ends nothing', async () => {
    const person = await signedInByGoogle();
    expect(await tellsOf({ sub: 'somebody-else' })).toMatchObject({ status: 200 });
    expect(await isSignedIn(person)).toBe(true);
  });

  it('ends a sign-in that is still on its way: it does not end well', async () => {
    await world.publish(bothSteps);
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    await tellsOf();
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('You are not signed in');
    expect(await world.lastEvent('login.failed')).toMatchObject({ code: 'SESSION_ENDED' });
    expect((await askApplication(world, person)).signedIn).toBe(false);
    await world.publish(oneStep);
  });

  it('may be encrypted for a key of ours, and for no other', async () => {
    const key = await makeConnectionKey(world.box, world.connection.id, { state: 'active', now: Date.now() });
    const foreign = await makeConnectionKey(world.box, world.connection.id, { state: 'active', now: Date.now() });
    await world.changeConnection((now) => ({ ...now, keys: [key] }));
    const person = await signedInByGoogle();
    const encrypt = async ({ certificate }: ConnectionKey) =>
      new CompactEncrypt(new TextEncoder().encode(await world.identityProvider.sign(logoutClaims())))
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
        .encrypt(new X509Certificate(certificate).publicKey);
    expect(await tells(await encrypt(foreign))).toMatchObject({
      status: 400,
      reason: expect.stringContaining('no key'),
    });
    expect(await isSignedIn(person)).toBe(true);
    expect((await tells(await encrypt(key))).status).toBe(200);
    expect(await isSignedIn(person)).toBe(false);
    await world.changeConnection((now) => ({ ...now, keys: [] }));
  });

  it('counts once', async () => {
    const token = await world.identityProvider.sign(logoutClaims());
    expect((await tells(token)).status).toBe(200);
    const person = await signedInByGoogle();
    expect(await tells(token)).toMatchObject({ status: 400, reason: expect.stringContaining('came before') });
    expect(await isSignedIn(person)).toBe(true);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['another issuer', { iss: 'https://evil.example' }, /"iss"/],
    ['another audience', { aud: 'somebody-else' }, /"aud"/],
    ['no time', { iat: null }, /"iat"/],
    ['no end', { exp: null }, /"exp"/],
    ['an end that is past', { exp: seconds() - 100, iat: seconds() - 110 }, /"exp"/],
    ['old news', { iat: seconds() - 1000, exp: seconds() + 100 }, /"iat"/],
    ['no jti', { jti: null }, /"jti"/],
    ['no events', { events: null }, /"events"/],
    ['another event', { events: { 'https://x.example/': {} } }, /"events"/],
    ['an event that is no object', { events: { [event]: true } }, /"events"/],
    ['a nonce: it is an id_token', { nonce: 'n' }, /"nonce"/],
    ['neither sub nor sid', { sub: null, sid: null }, /"sub" nor "sid"/],
    ['a sub that is a number', { sub: 7 }, /"sub"/],
  ])('with %s it ends nothing', async (_what, changes, reason) => {
    const person = await signedInByGoogle();
    const answer = await tellsOf(changes);
    expect(answer).toMatchObject({ status: 400, cache: 'no-store', reason: expect.stringMatching(reason) });
    expect(await isSignedIn(person)).toBe(true);
    expect(await world.lastEvent('upstream.sign-out-refused')).toMatchObject({ code: 'IDP_ANSWER_INVALID' });
  });

  it('by a foreign key, by nobody (CVE-2026-18569, Keycloak), or without a token it ends nothing', async () => {
    const person = await signedInByGoogle();
    const { privateKey } = await generateKeyPair('ES256');
    const foreign = await new SignJWT(logoutClaims())
      .setProtectedHeader({ alg: 'ES256', kid: 'demo' })
      .sign(privateKey);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none' })}.${encode(logoutClaims())}.`;
    for (const token of [foreign, unsigned, 'nonsense', '', null]) expect((await tells(token)).status).toBe(400);
    expect(await isSignedIn(person)).toBe(true);
  });

  it.each([
    ['metadata do', 'discovery', 'answers with a page', 400],
    ['metadata do', 'discovery', 'fails', 503],
    ['keys do', 'jwks', 'fails', 503],
  ] as const)(
    'asks a provider once in half a minute whose %s not come, however many tokens there are',
    async (_what, endpoint, how, status) => {
      const asked = () => world.identityProvider.requests()[endpoint] ?? 0;
      world.identityProvider.misbehave({ endpoints: { [endpoint]: how } });
      await world.changeConnection((now) => ({ ...now }));
      const before = asked();
      for (let sent = 0; sent < 3; sent += 1) expect((await tellsOf()).status).toBe(status);
      expect(asked()).toBe(before + 1);
      world.clock.skip(31_000);
      expect((await tellsOf()).status).toBe(status);
      expect(asked()).toBe(before + 2);
      world.identityProvider.misbehave({});
      expect((await tellsOf()).status).toBe(status);
      await world.changeConnection((now) => ({ ...now }));
      expect((await tellsOf()).status).toBe(200);
    },
  );

  it('asks for keys again where one is not known, and not for each token that names one', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const nameless = async () =>
      tells(
        await new SignJWT(logoutClaims()).setProtectedHeader({ alg: 'ES256', kid: `k-${++tokens}` }).sign(privateKey),
      );
    expect((await tellsOf()).status).toBe(200);
    const asked = () => world.identityProvider.requests().jwks ?? 0;
    const before = asked();
    for (let sent = 0; sent < 20; sent += 1) expect((await nameless()).status).toBe(400);
    expect(asked() - before).toBe(5);
    expect((await tellsOf()).status).toBe(200);
    world.clock.skip(60_000);
    for (let sent = 0; sent < 5; sent += 1) expect((await nameless()).status).toBe(400);
    expect(asked() - before).toBe(6);
  });

  it('keeps no sign-in from asking a provider that is mended', async () => {
    world.identityProvider.misbehave({ endpoints: { discovery: 'fails' } });
    await world.changeConnection((now) => ({ ...now }));
    expect((await tellsOf()).status).toBe(503);
    world.identityProvider.misbehave({});
    const person = await signedInByGoogle();
    expect(await isSignedIn(person)).toBe(true);
    // What the sign-in has learned serves the next token.
    expect((await tellsOf()).status).toBe(200);
  });

  it('is not read from an address that sends nonsense again and again, until a minute is over', async () => {
    world.clock.skipToMinute();
    for (let sent = 0; sent < 60; sent += 1) expect((await tells('nonsense')).status).toBe(400);
    expect(await tellsOf()).toMatchObject({ status: 429, cache: 'no-store', reason: expect.stringContaining('later') });
    world.clock.skip(60_000);
    expect((await tellsOf()).status).toBe(200);
  });

  it('a connection that has no such thing is not there', async () => {
    const nobody = await fetch(`${world.url}/connections/conn_none/logout`, { method: 'POST' });
    const byBrowser = await fetch(`${world.url}/connections/${world.connection.id}/logout?SAMLRequest=x`);
    expect([nobody.status, byBrowser.status]).toEqual([404, 404]);
  });
});

/** Signs out at the application, and says yes here. */
async function signsOut(person: Person) {
  await person.opens(`${world.application.url}/sign-out`);
  const before = person.hops().length;
  await person.chooses('Sign out');
  return person
    .hops()
    .slice(before)
    .map(({ url }) => url);
}

describe('signing out here', () => {
  it('goes on to an OpenID provider that offers it, with its id_token, and back to the application', async () => {
    const person = await signedInByGoogle();
    await signsOut(person);
    const bye = new URL(person.page().url);
    expect(bye.href.startsWith(`${world.identityProvider.url}/bye?`)).toBe(true);
    expect(bye.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    const back = new URL(bye.searchParams.get('post_logout_redirect_uri')!);
    expect(back.href).toBe(`${world.url}/connections/${world.connection.id}/signed-out`);
    back.searchParams.set('state', bye.searchParams.get('state')!);
    await person.opens(back.href);
    expect(person.isAt()).toBe('Signed out');
    expect(await isSignedIn(person)).toBe(false);
    // The way back is there once.
    await person.opens(back.href);
    expect(person.page().status).toBe(400);
  });

  it('goes on to a SAML provider by a signed request that names person and session, and back', async () => {
    const person = await signedInBySaml();
    await signsOut(person);
    expect(person.isAt()).toBe('Signed out');
    const request = saml.signOuts().at(-1)!;
    expect(request).toMatch(/NameID[^>]*>g-1906</);
    expect(request).toMatch(/SessionIndex[^>]*>s-1</);
    expect(await isSignedIn(person)).toBe(false);
  });

  const breaks = (discovery: 'fails' | 'hangs') => async () =>
    world.identityProvider.misbehave({ endpoints: { discovery } });
  it.each<[string, () => Promise<unknown>, object | null]>([
    ['that offers none', async () => world.identityProvider.misbehave({}), null],
    ['where the connection says no', () => world.changeConnection((now) => ({ ...now, singleLogout: false })), null],
    ['that is down by then: that is an event', breaks('fails'), { code: 'IDP_ERROR' }],
    [
      'that hangs: that is one too, and the person waits for three seconds and no longer',
      breaks('hangs'),
      { code: 'EGRESS_TIMEOUT', details: { detail: expect.stringMatching(/longer than [23]\d{3} ms/) } },
    ],
  ])('stays here for a provider %s', async (_what, change, failure) => {
    const person = await signedInByGoogle();
    await change();
    // As it is known from before it is not asked for.
    await world.changeConnection((now) => now);
    await world.happened();
    const hops = await signsOut(person);
    expect(hops.filter((url) => url.startsWith(new URL(world.identityProvider.url).host))).toEqual([]);
    expect(person.isAt()).toBe('Signed out');
    expect((await world.happened())['upstream.sign-out-failed'] ?? null).toBe(failure && 1);
    if (failure) expect(await world.lastEvent('upstream.sign-out-failed')).toMatchObject(failure);
  });

  it('keeps the id_token sealed, with the session and no longer', async () => {
    const person = await signedInByGoogle();
    const { upstreamSessions } = world.app.database.read;
    const list = () => upstreamSessions.listBySid(world.connection.id, `sid-${count}`);
    const [kept] = await list();
    expect(kept).toMatchObject({ browserUid: expect.any(String) });
    expect(JSON.stringify(kept)).not.toMatch(/eyJ/);
    await signsOut(person);
    expect(await list()).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDemoIdentityProvider, type DemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { OAuth2Connection, SamlConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import { createOAuth2Provider, type OAuth2Provider, octocat } from '../federation/oauth2-provider.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectGitHub, connectSaml } from './connections.ts';
import { arrives, expectUntouched, findLinkedAccount, setLinking } from './linking-moves.ts';
import { askApplication, beginsSignIn, mailedCode, readRefusal, takeAnswer, waitsAtGoogle } from './moves.ts';
import { makeConnection } from './seed.ts';
import { startWorld, type World } from './world.ts';

/*
 * Faults that other products have published in what they made of a provider's answer, each played against this server: what
 * passes a step, and whose account it is. The victim is Grace Hopper; Alan Turing is the attacker.
 */
let world: World;
let another: DemoIdentityProvider;
let github: OAuth2Provider;
let example: SamlProvider;
let evil: SamlProvider;
let octo: OAuth2Connection;
let exampleLtd: SamlConnection;
let evilLtd: SamlConnection;

beforeAll(async () => {
  world = await startWorld();
  const client = { id: 'stepgate', secret: 'another secret', redirectUris: [`${world.url}/login/callback`] };
  [another, github, example, evil] = await Promise.all([
    createDemoIdentityProvider({ host: '127.0.0.6', name: 'Other', client }),
    createOAuth2Provider('127.0.0.3'),
    createSamlProvider('127.0.0.4'),
    createSamlProvider('127.0.0.5'),
  ]);
  octo = await connectGitHub(world, github);
  exampleLtd = await connectSaml(world, example);
  evilLtd = await connectSaml(world, evil, 'Evil Ltd');
  const other = makeConnection(world.box, {
    name: 'Other',
    issuer: another.url,
    clientId: client.id,
    clientSecret: client.secret,
  });
  await world.app.database.unit(({ connections }) => connections.insert(other));
  const idps = ['Google', 'Other', 'GitHub', 'Example Ltd', 'Evil Ltd'];
  const options = [{ authenticator: 'BasicAuthenticator' }, ...idps.map((idp) => ({ idp }))];
  await world.publish({ steps: [{ options }], script: null, scriptEnabled: false });
});
afterAll(() => Promise.all([world?.close(), another?.close(), github?.close(), example?.close(), evil?.close()]));
beforeEach(async () => {
  for (const provider of [world.identityProvider, github, example, evil]) provider.misbehave({});
  for (const { id } of await world.users()) await world.app.database.unit(({ users }) => users.delete(id));
  await world.changeConnection((one) => ({ ...world.connection, revision: one.revision }));
  await changeConnection(world, octo, (one) => ({ ...octo, revision: one.revision }));
  await changeConnection(world, exampleLtd, (one) => ({ ...exampleLtd, revision: one.revision }));
  await world.happened();
});

const isIn = async (person: Person) => (await askApplication(world, person)).signedIn;
const asWho = async (person: Person) => (await askApplication(world, person)).claims['sub'];

/** What the provider says of whoever comes next. */
const says = (told: Record<string, unknown>) => world.identityProvider.misbehave({ idToken: told, userinfo: told });

describe('A provider’s answer to this very question passes the step, and nothing else does', () => {
  it('CVE-2026-49448 (authentik): an empty form is no answer', async () => {
    const person = await beginsSignIn(world);
    const page = person.page();
    await person.chooses('Google');
    const asked = page.forms[0]!.action;
    const cookie = await person.cookiesFor(asked);
    for (const body of ['', 'csrf=', 'option=', 'user=&password=']) {
      const headers = { cookie, origin: world.url, 'content-type': 'application/x-www-form-urlencoded' };
      const { status } = await fetch(asked, { method: 'POST', headers, body, redirect: 'manual' });
      expect(status).toBe(403);
    }
    // Nor is the form that left for the provider, sent once more: it leaves again.
    person.returnsTo(page);
    await person.chooses('Google');
    expect(person.page().url).toContain(world.identityProvider.url);
    expect(await isIn(person)).toBe(false);
    expect(await world.users()).toEqual([]);
  });

  it('CVE-2023-2982 (miniOrange): what the browser says of the person beside the answer is not read', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await setLinking(world, { proof: 'TRUST_CONNECTION' });
    const { person, answer } = await waitsAtGoogle(world, alanTuring);
    const forged = { email: graceHopper.email, email_verified: 'true', sub: graceHopper.sub, user: grace.id };
    for (const [name, value] of Object.entries(forged)) answer.searchParams.set(name, value);
    await person.opens(answer.href);
    expect(person.isAt()).toBe('Signed in');
    expect(await asWho(person)).not.toBe(grace.subject);
    await expectUntouched(world, grace);
    expect(await findLinkedAccount(world, graceHopper.sub)).toBeNull();
  });

  it('CVE-2026-114607 (better-auth): a state is no mailed link and no mailed code', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await setLinking(world, { proof: 'CONFIRM_WITH_EMAIL_CODE' });
    const { answer } = await waitsAtGoogle(world, alanTuring);
    const state = answer.searchParams.get('state')!;
    const attacker = world.somebody();
    for (const token of [state, `${grace.id}.${state}`]) {
      await attacker.opens(`${world.url}/reset?${new URLSearchParams({ token })}`);
      expect(attacker.page().forms.some(({ fields }) => fields.some(({ name }) => name === 'password'))).toBe(false);
    }
    says({ email: graceHopper.email });
    const person = await arrives(world, 'Alan Turing');
    expect(person.isAt()).toBe('Is this your account?');
    await mailedCode(world, graceHopper.email);
    await person.submits({ code: state });
    expect(await isIn(person)).toBe(false);
    await expectUntouched(world, grace);
  });

  it('CVE-2023-48309 (Auth.js): what an unfinished sign-in left in the browser is no session', async () => {
    const person = await beginsSignIn(world);
    const page = person.page().url;
    await person.chooses('Google');
    const answer = new URL(await takeAnswer(world, person));
    const kept = (await person.cookiesFor(page)).split('; ');
    expect(kept.join()).toContain('sg_login=');
    const values = [answer.searchParams.get('state')!, ...kept.map((pair) => pair.split('=')[1]!)];
    for (const value of values) {
      const attacker = world.somebody();
      await attacker.keepsCookie(world.url, `sg_session=${value}; Path=/; HttpOnly`);
      await attacker.opens(`${world.application.url}/sign-in`);
      expect(attacker.isAt()).toBe('Sign in');
      expect(await isIn(attacker)).toBe(false);
    }
  });

  it('CVE-2023-29019 (fastify-passport): a session cookie from before does not become the person’s session', async () => {
    const planted = 'a-session-id-that-the-attacker-knows';
    const { person, answer } = await waitsAtGoogle(world);
    await person.keepsCookie(world.url, `sg_session=${planted}; Path=/; HttpOnly`);
    await person.opens(answer.href);
    expect(person.isAt()).toBe('Signed in');
    expect(await person.cookiesFor(`${world.url}/oidc/auth`)).not.toContain(planted);
    const attacker = world.somebody();
    await attacker.keepsCookie(world.url, `sg_session=${planted}; Path=/; HttpOnly`);
    await attacker.opens(`${world.application.url}/sign-in`);
    expect(attacker.isAt()).toBe('Sign in');
  });

  it('GHSA-x445-f3h2-j279 (Auth.js): what was made for one provider does not check another one’s answer', async () => {
    const asked = [world.identityProvider, another].map((one) => one.requests().token ?? 0);
    const person = await beginsSignIn(world);
    const page = person.page();
    await person.chooses('Google');
    const forGoogle = new URL(await takeAnswer(world, person, alanTuring));
    person.returnsTo(page);
    await person.chooses('Other');
    const forOther = new URL(await takeAnswer(world, person, alanTuring));
    expect([forGoogle, forOther].map(({ searchParams }) => searchParams.get('iss'))).toEqual([
      world.identityProvider.url,
      another.url,
    ]);
    for (const iss of [another.url, null]) {
      const mixed = new URL(forOther);
      mixed.searchParams.set('state', forGoogle.searchParams.get('state')!);
      if (iss === null) mixed.searchParams.delete('iss');
      await person.opens(mixed.href);
    }
    expect(await isIn(person)).toBe(false);
    expect(await world.users()).toEqual([]);
    // The code is told to nobody, least of all to the provider that did not give it.
    expect([world.identityProvider, another].map((one) => one.requests().token ?? 0)).toEqual(asked);
  });

  it('CVE-2025-46815 (ZITADEL): an answer that has served serves no second time, signed out or not', async () => {
    const { person, answer } = await waitsAtGoogle(world);
    await person.opens(answer.href);
    expect(person.isAt()).toBe('Signed in');
    await person.opens(`${world.application.url}/sign-out`);
    const again = [person, world.somebody(), await beginsSignIn(world)];
    const { token } = world.identityProvider.requests();
    for (const somebody of again) {
      await somebody.opens(answer.href);
      expect(somebody.page().status).toBe(400);
    }
    expect(world.identityProvider.requests().token).toBe(token);
    expect(await isIn(again[1]!)).toBe(false);
    expect(await world.happened()).toMatchObject({ 'login.succeeded': 1 });
  });

  it('CVE-2026-3009 (Keycloak): a request from before does not outlive its connection’s being switched off', async () => {
    const person = await beginsSignIn(world);
    const page = person.page();
    await person.chooses('Google');
    const answer = new URL(await takeAnswer(world, person));
    await world.changeConnection((one) => ({ ...one, enabled: false }));
    await person.opens(answer.href);
    expect(await isIn(person)).toBe(false);
    expect(await world.users()).toEqual([]);
    // Nor does a page from before lead there.
    person.returnsTo(page);
    await person.chooses('Google');
    expect(person.page().url).not.toContain(world.identityProvider.url);
  });

  it.each([true, false])(
    'CVE-2026-2603 (Keycloak): an assertion that nobody asked for signs nobody in, its connection being on: %s',
    async (enabled) => {
      await changeConnection(world, exampleLtd, (one) => ({ ...one, enabled }));
      example.misbehave({ inResponseTo: null, confirmedFor: null });
      const acsUrl = `${world.url}/connections/${exampleLtd.id}/acs`;
      const to = { requestId: '_none', acsUrl, audience: acsUrl.replace('/acs', '/metadata') };
      const SAMLResponse = await example.answer(to);
      for (const RelayState of ['', 'anything', world.application.url]) {
        const body = new URLSearchParams({ SAMLResponse, RelayState });
        const answer = await fetch(acsUrl, { method: 'POST', body, redirect: 'manual' });
        expect(answer.status).toBe(400);
        expect(answer.headers.getSetCookie().join()).not.toContain('sg_session');
      }
      expect(await world.users()).toEqual([]);
    },
  );

  it.each<[string, 'at its own address' | 'at the other’s']>([
    ['signed by the connection that the address names', 'at its own address'],
    ['in the name of the connection that the address names', 'at the other’s'],
  ])('CVE-2026-109372 (ZITADEL): one SAML provider’s word is not another one’s: %s', async (_name, where) => {
    const person = await beginsSignIn(world);
    await person.chooses('Example Ltd');
    const [form] = person.page().forms;
    const relayState = form!.fields.find(({ name }) => name === 'RelayState')!.value!;
    const requestId = / ID="([^"]+)"/.exec(example.lastRequest()!.xml)![1]!;
    const at = where === 'at its own address' ? evilLtd : exampleLtd;
    const acsUrl = `${world.url}/connections/${at.id}/acs`;
    if (at === exampleLtd) evil.misbehave({ issuer: example.entityId });
    const answer = await evil.answer({ requestId, acsUrl, audience: acsUrl.replace('/acs', '/metadata') });
    await person.opens(world.url);
    const body = new URLSearchParams({ SAMLResponse: answer, RelayState: relayState });
    const { headers } = await fetch(acsUrl, { method: 'POST', body, redirect: 'manual' });
    await person.opens(new URL(headers.get('location')!, world.url).href);
    expect(await isIn(person)).toBe(false);
    expect(await world.users()).toEqual([]);
    expect(await world.lastEvent('login.step-missed')).toMatchObject({ code: 'IDP_ANSWER_INVALID' });
  });
});

describe('Whose account it is', () => {
  it.each(['false', 'no', 0, 1, [true], { verified: true }])(
    'CVE-2026-134312 (Better Auth): email_verified %j is no yes',
    async (flag) => {
      await setLinking(world, {});
      const grace = await world.addUser('grace', { email: graceHopper.email });
      says({ email: graceHopper.email, email_verified: flag });
      expect((await readRefusal(world, await arrives(world, 'Alan Turing'))).code).toBe('LINK_REFUSED');
      await expectUntouched(world, grace);
    },
  );

  it('CVE-2026-55216 (Logto): a provider without OpenID Connect that tells an address does not vouch for it', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await changeConnection(world, octo, (one) => ({
      ...one,
      jit: { ...one.jit, linking: { ...one.jit.linking, enabled: true } },
    }));
    github.misbehave({
      userinfo: { body: { ...octocat, email: graceHopper.email, email_verified: true } },
      emails: { body: [{ email: graceHopper.email, primary: true, verified: false }] },
    });
    const person = await beginsSignIn(world);
    await person.chooses('GitHub');
    expect((await readRefusal(world, person)).code).toBe('LINK_REFUSED');
    await expectUntouched(world, grace);
  });

  it.each([null, '', false, {}, [583231], 1.5])(
    'CVE-2026-82968 (Keycloak): whom the provider names %j is nobody, and no two people are one',
    async (id) => {
      github.misbehave({ userinfo: { body: { ...octocat, id } } });
      const person = await beginsSignIn(world);
      await person.chooses('GitHub');
      expect(await isIn(person)).toBe(false);
      expect(await world.users()).toEqual([]);
      for (const subject of ['null', 'undefined', '', String(id)]) {
        expect(await world.app.database.read.users.findAssociation(octo.id, subject)).toBeNull();
      }
    },
  );

  it('CVE-2025-41115 (Grafana): who is called there as an account is called here is not that account', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const names = new Set([grace.id, grace.subject, grace.username, graceHopper.email]);
    for (const sub of names) {
      says({ sub, email: `${sub.slice(-6)}@example.org`, preferred_username: null });
      const person = await arrives(world, 'Alan Turing');
      expect(person.isAt()).toBe('Signed in');
      expect(await asWho(person)).not.toBe(grace.subject);
    }
    await expectUntouched(world, grace);
    expect(await world.users()).toHaveLength(1 + names.size);
  });

  it('CVE-2022-31107 (Grafana): whoever takes somebody’s user name at the provider gets no account by it', async () => {
    const grace = await world.addUser('grace');
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, onConflict: 'SUFFIX_USERNAME' } }));
    says({ preferred_username: 'alan' });
    const before = await asWho(await arrives(world, 'Alan Turing'));
    for (const preferred_username of ['grace', 'GRACE', 'ｇｒａｃｅ']) {
      says({ preferred_username });
      expect(await asWho(await arrives(world, 'Alan Turing'))).toBe(before);
      says({ preferred_username, sub: `new-${preferred_username.codePointAt(0)}` });
      const person = await arrives(world, 'Alan Turing');
      expect([before, grace.subject]).not.toContain(await asWho(person));
    }
    await expectUntouched(world, grace);
    expect(new Set((await world.users()).map(({ usernameKey }) => usernameKey)).size).toBe(5);
  });

  it('CVE-2026-15617 (Logto): subjects that differ by case, space or composition are different people', async () => {
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, onConflict: 'SUFFIX_USERNAME' } }));
    const subs = ['rené', 'rene\u0301', 'RENÉ', ' rené', 'rené '];
    const found: unknown[] = [];
    for (const sub of [...subs, ...subs]) {
      says({ sub, email: null });
      found.push(await asWho(await arrives(world, 'Alan Turing')));
    }
    expect(new Set(found).size).toBe(subs.length);
    expect(found.slice(subs.length)).toEqual(found.slice(0, subs.length));
  });

  it('CVE-2025-7365 (Keycloak): the address that somebody types when asked for theirs links and verifies nothing', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await setLinking(world, { proof: 'CONFIRM_WITH_EMAIL_CODE' }, { requiredAttributes: [claims.email] });
    says({ email: null, preferred_username: 'alan' });
    const person = await arrives(world, 'Alan Turing');
    expect(person.isAt()).toBe('Create your account');
    const mails = world.mails.mails().length;
    await person.submits({ attribute1: graceHopper.email }, { button: { name: 'action', value: 'create' } });
    expect(person.isAt()).toBe('Signed in');
    expect(await asWho(person)).not.toBe(grace.subject);
    const alan = (await world.users()).find(({ id }) => id !== grace.id)!;
    expect(alan.verified).toEqual([]);
    expect(world.mails.mails()).toHaveLength(mails);
    await expectUntouched(world, grace);
  });

  it('CVE-2026-120263 (Gitea): the user name that somebody types when asked for one links nothing either', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await setLinking(
      world,
      { proof: 'TRUST_CONNECTION', rules: [{ federatedAttribute: 'preferred_username', localAttribute: 'username' }] },
      { scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT' },
    );
    says({ preferred_username: 'alan' });
    const person = await arrives(world, 'Alan Turing');
    const typed = {
      username: 'grace',
      password: 'four unrelated words here',
      passwordAgain: 'four unrelated words here',
    };
    await person.submits(typed, { button: { name: 'action', value: 'create' } });
    expect(person.page().alerts.join()).toContain('Somebody else has this user name.');
    expect(await isIn(person)).toBe(false);
    await expectUntouched(world, grace);
  });

  it.each([
    ['GHSA-7cc2-r658-7xpf (Coder): a domain that ends like an allowed one', 'alan@notexample.com'],
    ['CVE-2026-40574 (OAuth2 Proxy): an address with two @', 'alan@evil.example@example.com'],
    ['CVE-2026-40574 (OAuth2 Proxy): the other way round', 'alan@example.com@evil.example'],
  ])('%s opens no door', async (_name, email) => {
    await world.changeConnection((one) => ({ ...one, preset: 'oidc', allowedDomains: ['example.com'] }));
    says({ email, email_verified: true });
    const person = await arrives(world, 'Alan Turing');
    expect(await isIn(person)).toBe(false);
    expect((await readRefusal(world, person)).event?.code).toBe('DOMAIN_NOT_ALLOWED');
    expect(await world.users()).toEqual([]);
  });
});

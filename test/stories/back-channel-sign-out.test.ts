import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignedXml } from 'xml-crypto';
import type { Person } from '../../src/cli/demo/person.ts';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { findElements, namespaces, parseXml } from '../../src/connections/parse-xml.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectSaml } from './connections.ts';
import { beginsSignIn, typesPassword } from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Sessions that end here without their browser end at the SAML provider too, which is told by SOAP. */

const options = [...passwordOrGoogle.options, { idp: 'Example Ltd' }];

let world: World;
let saml: SamlProvider;
let example: SamlConnection;
let count = 0;
beforeAll(async () => {
  world = await startWorld();
  saml = await createSamlProvider('127.0.0.3');
  example = await connectSaml(world, saml);
});
afterAll(() => Promise.all([world?.close(), saml?.close()]));
beforeEach(async () => {
  count += 1;
  saml.misbehave({ nameId: { value: `g-${count}` }, attributes: { mail: `ada-${count}@example.com` } });
  await changes({ singleLogout: true, sloUrl: `${saml.url}/slo`, sloSoapUrl: `${saml.url}/soap` });
  await publish(null);
  await world.happened();
});

const changes = (what: Partial<SamlConnection>) =>
  changeConnection<SamlConnection>(world, example, (now) => ({ ...now, ...what }));
const publish = (script: string | null, second: object[] = []) =>
  world.publish({
    steps: [{ options }, ...(second.length > 0 ? [{ options: second as typeof options }] : [])],
    script,
    scriptEnabled: script !== null,
  });

async function signedIn(): Promise<Person> {
  const person = await beginsSignIn(world);
  await comesThroughSaml(person);
  expect(person.isAt()).toBe('Signed in');
  return person;
}

async function comesThroughSaml(person: Person): Promise<void> {
  await person.chooses('Example Ltd');
  await person.submits({});
}

async function ada() {
  const found = (await world.users()).find(({ username }) => username === `ada-${count}@example.com`);
  if (!found) throw new Error('there is no such account');
  return found;
}

const toldOfAda = () => saml.toldBySoap().filter((xml) => xml.includes(`>g-${count}<`));
const isTold = (times = 1) => vi.waitFor(() => expect(toldOfAda()).toHaveLength(times), { timeout: 5000 });
const isRecorded = (type: string) =>
  vi.waitFor(async () => expect(await world.happened()).toMatchObject({ [type]: 1 }), { timeout: 5000 });

/** Looks for what is owed once more, and finds nothing: the next one to be told comes first. */
async function nobodyIsTold(): Promise<void> {
  const before = toldOfAda().length;
  const { upstreamSessions } = world.app.database.read;
  const left = () => upstreamSessions.listOwed({ now: Number.MAX_SAFE_INTEGER, limit: 10, except: [] });
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 5000 });
  expect(toldOfAda()).toHaveLength(before);
}

describe('The provider is told once when a session ends', () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    [
      'by an admin',
      async () => {
        const { id } = await ada();
        const [session] = await world.admin.list(`/sessions?userId=${id}`);
        await world.admin.delete(`/sessions/${session!.id}`);
      },
    ],
    ['as the account is locked', async () => world.admin.patch(`/users/${(await ada()).id}`, { locked: true })],
    ['as the account is disabled', async () => world.admin.patch(`/users/${(await ada()).id}`, { disabled: true })],
    ['as the account is deleted', async () => world.admin.delete(`/users/${(await ada()).id}`)],
    [
      'by a script',
      async () => {
        await publish(`function onLoginRequest(context) {
          executeStep(1, { onSuccess: function (context) {
            var user = context.currentKnownSubject;
            getUserSessions(user).forEach(function (session) { terminateUserSession(user, session); });
            fail();
          } });
        }`);
        await comesThroughSaml(await beginsSignIn(world));
      },
    ],
    [
      'to make room for a new one',
      async () => {
        await publish('function onLoginRequest(context) { executeStep(1); executeStep(2); }', [
          { authenticator: 'SessionExecutor' },
        ]);
        const other = await beginsSignIn(world);
        await comesThroughSaml(other);
        await other.chooses('Sign out everywhere else and continue');
        expect(other.isAt()).toBe('Signed in');
      },
    ],
    [
      'as somebody else signs in with the browser',
      async (person) => {
        await world.addUser(`ann-${count}`);
        await person.opens(`${world.application.url}/sign-in?prompt=login`);
        await typesPassword(person, `ann-${count}`);
        expect(person.isAt()).toBe('Signed in');
      },
    ],
  ])('%s', async (_how, ends) => {
    const person = await signedIn();
    await ends(person);
    await isTold();
    await isRecorded('upstream.sign-out-told');
    expect(await world.lastEvent('upstream.sign-out-told')).toMatchObject({
      target: example.id,
      details: { connection: 'Example Ltd', status: 'Success' },
    });
    await nobodyIsTold();
  });

  it('by a request with our signature that names person and session', async () => {
    await signedIn();
    await world.admin.patch(`/users/${(await ada()).id}`, { locked: true });
    await isTold();
    const document = parseXml(toldOfAda()[0]!);
    const [request] = findElements(document, namespaces.protocol, 'LogoutRequest');
    const [signature] = findElements(document, namespaces.signature, 'Signature');
    expect(request!.getAttribute('Destination')).toBe(`${saml.url}/soap`);
    expect(signature!.parentNode).toBe(request);
    const check = new SignedXml({ publicCert: example.keys[0]!.certificate });
    check.loadSignature(signature as never);
    expect(check.checkSignature(toldOfAda()[0]!)).toBe(true);
    const [covered] = check.getSignedReferences();
    expect(covered).toContain(`${world.url}/connections/${example.id}/metadata</saml:Issuer>`);
    expect(covered).toMatch(/NameID [^>]*Format="[^"]*:persistent">g-\d+</);
    expect(covered).toMatch(/SessionIndex>s-1</);
  });

  it('as the person signs out, where it takes no browsers; where it does, the browser goes there', async () => {
    const signsOut = async (person: Person) => {
      await person.opens(`${world.application.url}/sign-out`);
      await person.chooses('Sign out');
      expect(person.isAt()).toBe('Signed out');
    };
    const browsers = saml.signOuts().length;
    await signsOut(await signedIn());
    await nobodyIsTold();
    expect(saml.signOuts()).toHaveLength(browsers + 1);
    await changes({ sloUrl: null });
    await signsOut(await signedIn());
    await isTold();
    expect(saml.signOuts()).toHaveLength(browsers + 1);
  });
});

describe('A provider that is not told', () => {
  const locks = async () => {
    await signedIn();
    await world.admin.patch(`/users/${(await ada()).id}`, { locked: true });
  };

  it.each<[string, Partial<SamlConnection>]>([
    ['where it has no address for it', { sloSoapUrl: null }],
    ['where the connection says no', { singleLogout: false }],
  ])('%s', async (_why, change) => {
    await changes(change);
    await locks();
    await nobodyIsTold();
    expect(toldOfAda()).toEqual([]);
  });

  it.each([
    ['is down', { http: 503 }, 'IDP_ERROR', 'HTTP 503.'],
    ['refuses', { status: 'Requester' }, 'IDP_ERROR', '«Requester».'],
    ['answers with a page', { text: '<html/>' }, 'IDP_ANSWER_INVALID', 'The answer is no LogoutResponse.'],
    [
      'answers with entities',
      { text: '<!DOCTYPE a [<!ENTITY b "c">]><a/>' },
      'IDP_ANSWER_INVALID',
      'XML with a document type definition is not read.',
    ],
  ])('because it %s is told again, also after a restart; one event tells of it', async (_how, answer, code, detail) => {
    const honest = { nameId: { value: `g-${count}` }, attributes: { mail: `ada-${count}@example.com` } };
    saml.misbehave({ ...honest, soap: answer });
    await locks();
    await isRecorded('upstream.sign-out-failed');
    expect(await world.lastEvent('upstream.sign-out-failed')).toMatchObject({
      code,
      details: { detail, attempts: 1, triesAgain: true },
    });
    saml.misbehave(honest);
    await world.restart();
    world.clock.skip(10_000);
    await isTold(2);
    await isRecorded('upstream.sign-out-told');
  });

  it.each(['hangs', 'trickles', 'stops after the headers'] as const)(
    'because it %s keeps no admin waiting; an event tells of it',
    async (fault) => {
      const honest = { nameId: { value: `g-${count}` }, attributes: { mail: `ada-${count}@example.com` } };
      saml.misbehave({ ...honest, soap: { fault } });
      await signedIn();
      const began = performance.now();
      await world.admin.patch(`/users/${(await ada()).id}`, { locked: true });
      expect(performance.now() - began).toBeLessThan(3000);
      const type = 'upstream.sign-out-failed';
      await vi.waitFor(async () => expect(await world.happened()).toMatchObject({ [type]: 1 }), { timeout: 10_000 });
      expect(await world.lastEvent(type)).toMatchObject({
        code: 'EGRESS_TIMEOUT',
        details: { detail: expect.stringContaining('took longer'), triesAgain: true },
      });
      saml.misbehave(honest);
      world.clock.skip(10_000);
      await isTold(2);
    },
  );
});

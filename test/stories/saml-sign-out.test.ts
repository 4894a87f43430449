import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import type { Person } from '../../src/cli/demo/person.ts';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { findElements, namespaces, parseXml } from '../../src/connections/parse-xml.ts';
import { createSamlProvider, inEnvelope, type SamlProvider, type SamlSignOut } from '../federation/saml-provider.ts';
import { changeConnection, connectSaml } from './connections.ts';
import { beginsSignIn } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** A SAML provider tells of a sign-out there: by a browser that is redirected or posts a form, or by SOAP. */

let world: World;
let saml: SamlProvider;
let example: SamlConnection;
beforeAll(async () => {
  world = await startWorld();
  saml = await createSamlProvider('127.0.0.3');
  example = await connectSaml(world, saml);
  await world.publish({ steps: [{ options: [{ idp: 'Example Ltd' }] }], script: null, scriptEnabled: false });
});
afterAll(() => Promise.all([world?.close(), saml?.close()]));
beforeEach(async () => {
  saml.misbehave({ attributes: { mail: 'ada@example.com' } });
  world.clock.skip(60_000);
  await world.happened();
});

async function signedIn(): Promise<Person> {
  const person = await beginsSignIn(world);
  await comesThrough(person);
  expect(person.isAt()).toBe('Signed in');
  return person;
}

/** The provider is the only option: nothing is asked before. */
async function comesThrough(person: Person): Promise<void> {
  if (person.isAt() === 'Signing in') await person.submits({});
}

/** Has the person a session here: does another sign-in pass without the provider? */
async function isSignedIn(person: Person): Promise<boolean> {
  const before = saml.lastRequest();
  await person.opens(`${world.application.url}/sign-in`);
  return saml.lastRequest() === before;
}

type Of = Omit<SamlSignOut, 'logoutUrl'>;
const logoutUrl = () => `${world.url}/connections/${example.id}/logout`;
const bySoap = (body: string) => fetch(logoutUrl(), { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
const byForm = (body: URLSearchParams) => fetch(logoutUrl(), { method: 'POST', body, redirect: 'manual' });
const byRedirect = (url: string) => fetch(url, { redirect: 'manual' });

const ways = [
  ['by redirect', (of: Of = {}) => byRedirect(saml.askForSignOut({ logoutUrl: logoutUrl(), ...of })), 303, 502],
  ['by a form', (of: Of = {}) => byForm(saml.postSignOut({ logoutUrl: logoutUrl(), ...of })), 303, 502],
  ['by SOAP', (of: Of = {}) => bySoap(saml.writeSignOut({ logoutUrl: logoutUrl(), ...of })), 200, 500],
] as const;

/** What others do to a message that the provider has signed for somebody else. */
const wrapper = (inner: string, place: (forged: string) => string) => place(inner.replace('g-1906', 'g-1'));
const bent: [string, Of, RegExp][] = [
  [
    'another name than was signed',
    { nameId: 'g-1', bend: (xml) => xml.replace('>g-1<', '>g-1906<') },
    /no certificate/,
  ],
  ['a signature that is taken out', { bend: (xml) => xml.replace(/<Signature.*<\/Signature>/s, '') }, /not signed/],
  [
    'the signed request inside of a forged one (wrapping)',
    {
      bend: (xml) =>
        wrapper(xml, (forged) =>
          forged.replace(/ ID="_/, ' ID="_forged').replace('</saml:NameID>', `</saml:NameID><x>${xml}</x>`),
        ),
    },
    /parent element|ID cannot refer|no certificate|not signed/,
  ],
  [
    'its signature moved below an element that nobody reads',
    { bend: (xml) => xml.replace(/(<Signature.*<\/Signature>)/s, '<x>$1</x>') },
    /not signed/,
  ],
  ['two signatures', { bend: (xml) => xml.replace(/(<Signature.*<\/Signature>)/s, '$1$1') }, /Too many signatures/],
  ['a document type', { bend: (xml) => `<!DOCTYPE a [<!ENTITY b "c">]>${xml}` }, /document type/],
  ['a keyed hash in place of a signature', { bend: (xml) => xml.replace(/rsa-sha256/, 'hmac-sha256') }, /not taken/],
  [
    'a transform that takes something away',
    { bend: (xml) => xml.replace('xmldsig#enveloped-signature', 'REC-xpath-19991116') },
    /not taken/,
  ],
  [
    'so many elements that looking for its signature would take seconds',
    { bend: (xml) => xml.replace(/<\/(\w+:)?LogoutRequest>/, (end) => `${'<a/>'.repeat(8_000)}${end}`) },
    /more than 100 elements/,
  ],
  ['another message in its place', { bend: (xml) => xml.replaceAll('LogoutRequest', 'AuthnRequest') }, /LogoutRequest/],
];

describe.each(ways)('A LogoutRequest %s', (way, asks, good, bad) => {
  it('ends the session that came of it, and is answered', async () => {
    const person = await signedIn();
    const answer = await asks();
    expect(answer.status).toBe(good);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (way === 'by SOAP') expectSignedReply(await answer.text());
    else expectSignedAnswer(answer.headers.get('location')!);
    expect(await isSignedIn(person)).toBe(false);
    expect(await world.happened()).toMatchObject({ 'session.ended': 1, 'upstream.signed-out': 1 });
  });

  it('without a SessionIndex: all of the person; with another one: none', async () => {
    const person = await signedIn();
    await asks({ sessionIndex: 's-2' });
    expect(await isSignedIn(person)).toBe(true);
    await asks({ sessionIndex: null });
    expect(await isSignedIn(person)).toBe(false);
  });

  it.each<[string, Of, RegExp]>([
    ['no signature', { signature: 'none' }, /not signed/],
    ['a foreign key', { signature: 'foreign key' }, /no certificate/],
    ['SHA-1', { signature: 'SHA-1' }, /not taken/],
    ['another issuer', { issuer: 'https://evil.example' }, /Issuer/],
    ['another destination', { destination: 'https://elsewhere.example/' }, /Destination/],
    ['a time long past', { clock: -600_000 }, /too late/],
    ...(way === 'by redirect'
      ? [
          ['the signature of another request', { signature: 'of another request' }, /no certificate/] as [
            string,
            Of,
            RegExp,
          ],
        ]
      : bent),
  ])('with %s ends nothing', async (_what, of, reason) => {
    const person = await signedIn();
    expect((await asks(of)).status).toBe(bad);
    expect(await isSignedIn(person)).toBe(true);
    const { details, code } = await world.lastEvent('upstream.sign-out-refused');
    expect(code).toBe('IDP_ANSWER_INVALID');
    expect(details['detail']).toMatch(reason);
  });

  it('is not read from an address that sends nonsense again and again, until a minute is over', async () => {
    const person = await signedIn();
    world.clock.skipToMinute();
    for (let sent = 0; sent < 60; sent += 1) expect((await asks({ signature: 'none' })).status).toBe(bad);
    expect((await asks()).status).toBe(429);
    expect(await isSignedIn(person)).toBe(true);
    world.clock.skip(60_000);
    expect((await asks()).status).toBe(good);
    expect(await isSignedIn(person)).toBe(false);
  });

  it('where the connection is switched off, sessions still end', async () => {
    const person = await signedIn();
    await changeConnection(world, example, (now) => ({ ...now, enabled: false }));
    expect((await asks()).status).toBe(good);
    await changeConnection(world, example, (now) => ({ ...now, enabled: true }));
    expect(await isSignedIn(person)).toBe(false);
  });
});

function expectSignedAnswer(location: string): void {
  const to = new URL(location);
  expect(to.href.startsWith(`${saml.url}/slo?`)).toBe(true);
  expect([...to.searchParams.keys()]).toEqual(['SAMLResponse', 'RelayState', 'SigAlg', 'Signature']);
  expect(to.searchParams.get('RelayState')).toBe('its own');
}

function expectSignedReply(envelope: string): void {
  const document = parseXml(envelope);
  const [response] = findElements(document, namespaces.protocol, 'LogoutResponse');
  expect(response!.getAttribute('InResponseTo')).toMatch(/^_[0-9a-f]{32}$/);
  const check = new SignedXml({ publicCert: example.keys[0]!.certificate });
  check.loadSignature(findElements(document, namespaces.signature, 'Signature')[0] as never);
  expect(check.checkSignature(envelope)).toBe(true);
  expect(check.getSignedReferences()[0]).toContain('status:Success');
}

it('counts once, whatever way it comes', async () => {
  const url = saml.askForSignOut({ logoutUrl: logoutUrl() });
  expect([(await byRedirect(url)).status, (await byRedirect(url)).status]).toEqual([303, 502]);
  const form = saml.postSignOut({ logoutUrl: logoutUrl() });
  expect([(await byForm(form)).status, (await byForm(form)).status]).toEqual([303, 502]);
  const signed = Buffer.from(form.get('SAMLRequest')!, 'base64').toString();
  expect((await bySoap(inEnvelope(signed))).status).toBe(500);
});

it('a parameter that comes twice is no request', async () => {
  const url = saml.askForSignOut({ logoutUrl: logoutUrl() });
  expect((await byRedirect(`${url}&RelayState=x`)).status).toBe(502);
});

it('an envelope without a request, with two, or with one elsewhere ends nothing', async () => {
  const person = await signedIn();
  const envelope = saml.writeSignOut({ logoutUrl: logoutUrl() });
  const [request] = /<samlp:LogoutRequest.*<\/samlp:LogoutRequest>/s.exec(envelope)!;
  for (const bad of [
    envelope.replace(request, ''),
    envelope.replace(request, request + request),
    envelope.replace(request, `<x>${request}</x>`),
    envelope.replaceAll('e:Body', 'e:Header'),
    request,
    'nonsense',
  ]) {
    const answer = await bySoap(bad);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('<faultcode>soap:Client</faultcode>');
  }
  expect(await isSignedIn(person)).toBe(true);
});

it('a state that nobody was given leads nowhere, and not again and again', async () => {
  const back = () => byRedirect(`${logoutUrl()}?SAMLResponse=x&RelayState=guessed`);
  world.clock.skipToMinute();
  for (let sent = 0; sent < 60; sent += 1) expect((await back()).status).toBe(400);
  expect((await back()).status).toBe(429);
});

it('our metadata name all three ways', async () => {
  const metadata = await (await fetch(`${world.url}/connections/${example.id}/metadata`)).text();
  const services = findElements(parseXml(metadata), namespaces.metadata, 'SingleLogoutService');
  expect(services.map((one) => [one.getAttribute('Binding')?.split(':').at(-1), one.getAttribute('Location')])).toEqual(
    ['HTTP-Redirect', 'HTTP-POST', 'SOAP'].map((binding) => [binding, logoutUrl()]),
  );
});

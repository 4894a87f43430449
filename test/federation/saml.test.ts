import { createHash, verify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSamlProtocol } from '../../src/authenticators/federated-saml/index.ts';
import type { SamlConnection } from '../../src/connections/connection.ts';
import { makeConnectionKey } from '../../src/connections/connection-keys.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { readSamlMetadata, writeSamlMetadata } from '../../src/connections/saml-metadata.ts';
import { connectionUrls } from '../../src/connections/urls.ts';
import { newId } from '../../src/kernel/ids.ts';
import { box } from '../provisioning/people.ts';
import { createSamlProvider, type SamlMisbehaviour, type SamlProvider } from './saml-provider.ts';

const publicUrl = 'https://login.example.com';
const saml = createSamlProtocol({ publicUrl, box, fetch: () => Promise.reject(new Error('nobody is asked')) });
const asked = { loginHint: null, prompt: [], maxAge: null };
let idp: SamlProvider;
let connection: SamlConnection;
beforeAll(async () => {
  idp = await createSamlProvider();
  const id = newId('conn');
  connection = {
    ...getConnectionDefaults('saml'),
    ...readSamlMetadata(idp.metadata()),
    id,
    name: 'Example Ltd',
    type: 'saml',
    preset: 'saml',
    keys: [await makeConnectionKey(box, id, { state: 'active', now: Date.now() })],
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
  };
});
afterAll(() => idp.close());
beforeEach(() => idp.misbehave({}));

async function signsIn(how: SamlMisbehaviour = {}, of: Partial<SamlConnection> = {}) {
  const to = { ...connection, ...of };
  const { callbackUrl, metadataUrl = '' } = connectionUrls(publicUrl, to);
  const { kept } = await saml.depart(to, { state: 'state', parameters: {}, asked });
  idp.misbehave(how);
  const answer = { requestId: String(kept['requestId']), acsUrl: callbackUrl, audience: metadataUrl };
  return saml.read(to, kept, { SAMLResponse: await idp.answer(answer) });
}

test('an honest answer names the person, with known attributes under the names of OpenID Connect', async () => {
  expect(await signsIn()).toEqual({
    subject: 'g-1906',
    claims: expect.objectContaining({
      email: 'grace.hopper@example.com',
      given_name: 'Grace',
      family_name: 'Hopper',
      groups: ['engineering', 'navy'],
      acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      auth_time: expect.any(Number),
    }),
    // There is nowhere to sign out: these metadata are of before.
    upstream: expect.objectContaining({ name: 'g-1906', sid: 's-1', token: null }),
  });
  expect((await signsIn()).claims).not.toHaveProperty('email_verified');
  expect((await signsIn({}, { trustsVerifiedEmail: true })).claims).toHaveProperty('email_verified', true);
});

test('the request is signed by our key, for this provider, and names nothing but a hash of the state', async () => {
  const queryParameters = { tenant: '$authparam{tenant}', RelayState: 'x', left: '$authparam{out}' };
  const { url, kept } = await saml.depart(
    { ...connection, queryParameters },
    {
      state: 'the state',
      parameters: { tenant: 'a&b' },
      asked: { ...asked, prompt: ['login'] },
    },
  );
  const query = new URL(url).searchParams;
  expect(url.startsWith(`${connection.ssoUrl}?`)).toBe(true);
  expect(query.getAll('RelayState')).toEqual(['the state']);
  expect([query.getAll('tenant'), query.has('left')]).toEqual([['a&b'], false]);
  expect(kept['requestId']).toBe(`_${createHash('sha256').update('the state').digest('base64url')}`);
  const signed = ['SAMLRequest', 'RelayState', 'SigAlg']
    .map((name) => `${name}=${encodeURIComponent(query.get(name) ?? '')}`)
    .join('&');
  const { publicKey } = new X509Certificate(connection.keys[0]!.certificate);
  const signature = Buffer.from(query.get('Signature') ?? '', 'base64');
  expect(verify('sha256', Buffer.from(signed), publicKey, signature)).toBe(true);
  expect(verify('sha256', Buffer.from(`${signed}x`), publicKey, signature)).toBe(false);
});

describe('an answer that failed a check lets nobody in', () => {
  test.each<[string, SamlMisbehaviour, RegExp]>([
    ['is not signed', { signature: 'none' }, /Invalid signature/],
    ['is signed by a key that nobody gave us', { signature: 'foreign key' }, /Invalid signature/],
    ['is signed with SHA-1', { signature: 'SHA-1' }, /rsa-sha1/],
    ['is by another issuer', { issuer: 'https://evil.example' }, /Issuer/],
    ['is for somebody else', { audience: 'https://other.example' }, /[Aa]udience/],
    ['is for nobody in particular', { audience: null }, /[Aa]udience/],
    [
      'is for us, and by a second restriction for others alone (SAML 2.0 Core, section 2.5.1.4)',
      {
        conditions:
          '<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>',
      },
      /[Aa]udience/,
    ],
    ['was to be delivered elsewhere', { recipient: 'https://other.example/acs' }, /Recipient/],
    ['was sent elsewhere', { destination: 'https://other.example/acs' }, /Destination/],
    ['answers another request', { inResponseTo: '_other' }, /InResponseTo/],
    ['answers no request (IdP-initiated)', { inResponseTo: null, confirmedFor: null }, /InResponseTo/],
    ['is an assertion for another request in a response for this', { confirmedFor: '_other' }, /InResponseTo/],
    ['is an assertion for no request', { confirmedFor: null }, /InResponseTo/],
    ['has no conditions (authentik CVE-2026-41577)', { conditions: null }, /[Aa]udience/],
    ['is too late, though its conditions hold (Keycloak CVE-2026-1190)', { deliverable: -2 }, /too late/],
    ['says not until when it may be delivered', { deliverable: null }, /NotOnOrAfter/],
    [
      'must not be passed on (Keycloak CVE-2026-92856)',
      { conditions: '<saml:ProxyRestriction Count="0"/>' },
      /ProxyRestriction/,
    ],
    [
      'must be passed on to others alone',
      { conditions: '<saml:ProxyRestriction><saml:Audience>other</saml:Audience></saml:ProxyRestriction>' },
      /ProxyRestriction/,
    ],
    ['has a condition that is unknown', { conditions: '<x:Moon xmlns:x="urn:x"/>' }, /Moon/],
    ['is ten minutes old', { clock: -600_000 }, /expired|too late/i],
    ['is from ten minutes ahead', { clock: 600_000 }, /not yet valid/i],
    ['names nobody', { nameId: { value: '' } }, /NameID/],
    [
      'names somebody by a passing name',
      { nameId: { format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' } },
      /transient/,
    ],
    ['defines an entity', { bend: (xml) => `<!DOCTYPE r [<!ENTITY a "b">]>${xml}` }, /type definition/],
    [
      'has an instruction for a style sheet',
      { bend: (xml) => `<?xml-stylesheet href="x"?>${xml}` },
      /processing instructions/,
    ],
    ['is no XML', { bend: () => 'hello' }, /./],
    ['is no response', { bend: () => '<a/>' }, /no SAML response/],
    ['is larger than any', { bend: (xml) => `${xml}<!--${'x'.repeat(300_000)}-->` }, /bytes/],
    [
      'has so many elements that looking for its signature would take seconds',
      { bend: (xml) => xml.replace('</samlp:Response>', (end) => `${'<a/>'.repeat(4000)}${end}`) },
      /more than 4000 elements/,
    ],
    ['has two root elements (CVE-2022-39299, xmldom CVE-2022-39353)', { bend: (xml) => `${xml}${xml}` }, /./],
    ['has its mail address changed', { bend: (xml) => xml.replace('grace.hopper@', 'admin@') }, /Invalid signature/],
    ['has its subject changed', { bend: (xml) => xml.replace('g-1906', 'admin') }, /Invalid signature/],
  ])('that %s', async (_name, how, detail) => {
    await expect.soft(signsIn(how)).rejects.toMatchObject({
      code: 'IDP_ANSWER_INVALID',
      detail: expect.stringMatching(detail),
    });
  });

  test('three thousand groups are no reason', async () => {
    const groups = Array.from({ length: 3000 }, (_, n) => `group-${n}`);
    expect((await signsIn({ attributes: { groups } })).claims).toMatchObject({ groups });
  });

  test.each(['<saml:OneTimeUse/>', '<saml:ProxyRestriction Count="1"/>'])('%s is no reason', async (conditions) => {
    expect(await signsIn({ conditions })).toMatchObject({ subject: 'g-1906' });
  });

  test.each([
    ['urn:oasis:names:tc:SAML:2.0:status:Requester', 'IDP_ERROR'],
    ['urn:oasis:names:tc:SAML:2.0:status:AuthnFailed', 'IDP_DENIED'],
    ['urn:oasis:names:tc:SAML:2.0:status:RequestDenied', 'IDP_DENIED'],
  ])('that says %s, with an assertion all the same', async (status, code) => {
    await expect(signsIn({ status })).rejects.toMatchObject({ code });
  });
});

const evil = (xml: string) =>
  xml.replaceAll('g-1906', 'admin').replace(/<ds:Signature|<Signature/, '<!-- --><Signature');
const assertionOf = (xml: string) => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)![0];
const withoutSignature = (xml: string) => xml.replace(/<Signature.*<\/Signature>/s, '');
const signatureOf = (xml: string) => /<Signature.*<\/Signature>/s.exec(xml)![0];
const anotherId = (xml: string) => xml.replace(/ ID="_[^"]+"/, ' ID="_evil"');

describe('signature wrapping (passport-saml and node-saml before 5.1.0, ruby-saml CVE-2024-45409, Keycloak CVE-2024-8698)', () => {
  const forged = (xml: string) => anotherId(withoutSignature(evil(assertionOf(xml))));
  test.each<[string, (xml: string) => string]>([
    [
      'a forged assertion before the signed one',
      (xml) => xml.replace('<saml:Assertion', `${forged(xml)}<saml:Assertion`),
    ],
    [
      'a forged assertion behind the signed one',
      (xml) => xml.replace('</samlp:Response>', `${forged(xml)}</samlp:Response>`),
    ],
    [
      'the signed one inside of the forged one',
      (xml) =>
        xml.replace(assertionOf(xml), forged(xml).replace('</saml:Assertion>', `${assertionOf(xml)}</saml:Assertion>`)),
    ],
    [
      'the signed one inside of the forged one’s signature',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          forged(xml).replace(
            '<saml:Subject>',
            `${signatureOf(xml).replace('</Signature>', `<Object>${withoutSignature(assertionOf(xml))}</Object></Signature>`)}<saml:Subject>`,
          ),
        ),
    ],
    [
      'the signed one among the extensions, the forged one in its place',
      (xml) => xml.replace(assertionOf(xml), `<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions>${forged(xml)}`),
    ],
    [
      'both with the same ID',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          `${withoutSignature(evil(assertionOf(xml)))}<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions>`,
        ),
    ],
    [
      'the signature moved to the response',
      (xml) => xml.replace(assertionOf(xml), `${signatureOf(xml)}${withoutSignature(evil(assertionOf(xml)))}`),
    ],
    [
      'a second SignedInfo (xml-crypto CVE-2025-29774)',
      (xml) => evil(xml).replace('<SignedInfo>', `${/<SignedInfo>.*<\/SignedInfo>/s.exec(xml)![0]}<SignedInfo>`),
    ],
    [
      'a comment in the digest (xml-crypto CVE-2025-29775)',
      (xml) => xml.replaceAll('g-1906', 'admin').replace('<DigestValue>', '<DigestValue><!--another digest-->'),
    ],
    [
      'a certificate of the forger in the signature (xml-crypto CVE-2024-32962)',
      (xml) =>
        evil(xml).replace(
          '</SignatureValue>',
          `</SignatureValue><KeyInfo><X509Data><X509Certificate>${idp.nextCertificate.replace(/-----.*-----|\s/g, '')}</X509Certificate></X509Data></KeyInfo>`,
        ),
    ],
  ])('%s', async (_name, bend) => {
    await expect.soft(signsIn({ bend })).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
  });

  test('a comment in the name does not cut it short (python-saml CVE-2017-11427, ruby-saml CVE-2017-11428, authentik CVE-2026-57580)', async () => {
    const bend = (xml: string) => xml.replace('g-1906.evil', 'g-1906<!-- -->.evil');
    expect((await signsIn({ nameId: { value: 'g-1906.evil' }, bend })).subject).toBe('g-1906.evil');
  });
});

describe('encrypted assertions', () => {
  const ours = () => connection.keys[0]!.certificate;

  test('are opened by any key of ours, the one before too', async () => {
    expect((await signsIn({ encryptFor: ours() })).subject).toBe('g-1906');
    const next = await makeConnectionKey(box, connection.id, { state: 'active', now: Date.now() });
    const keys = [next, { ...connection.keys[0]!, state: 'previous' as const }];
    expect((await signsIn({ encryptFor: ours() }, { keys })).subject).toBe('g-1906');
    expect((await signsIn({ encryptFor: next.certificate }, { keys })).subject).toBe('g-1906');
    await expect(signsIn({ encryptFor: idp.nextCertificate })).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
  });

  test('must be signed all the same', async () => {
    for (const signature of ['none', 'foreign key'] as const) {
      await expect(signsIn({ encryptFor: ours(), signature })).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
    }
  });

  test('have few elements all the same', async () => {
    const attributes = { groups: Array<string>(4000).fill('g') };
    await expect(signsIn({ encryptFor: ours(), attributes })).rejects.toMatchObject({
      code: 'IDP_ANSWER_INVALID',
      detail: expect.stringContaining('more than 4000 elements'),
    });
  });

  test('must be signed by an algorithm that is taken in the clear, too', async () => {
    await expect(signsIn({ encryptFor: ours(), signature: 'SHA-1' })).rejects.toMatchObject({
      code: 'IDP_ANSWER_INVALID',
      detail: expect.stringContaining('rsa-sha1'),
    });
  });

  test.each<[string, SamlMisbehaviour['encryption']]>([
    ['RSA 1.5 (Bleichenbacher)', { keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }],
    ['triple DES', { encryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' }],
  ])('are not opened by %s', async (_name, encryption) => {
    await expect(signsIn({ encryptFor: ours(), encryption: encryption! })).rejects.toMatchObject({
      detail: expect.stringContaining('EncryptionMethod'),
    });
  });

  test('may be demanded', async () => {
    await expect(signsIn({}, { requiresEncryption: true })).rejects.toMatchObject({
      detail: expect.stringContaining('not encrypted'),
    });
    expect((await signsIn({ encryptFor: ours() }, { requiresEncryption: true })).subject).toBe('g-1906');
  });
});

test('a provider changes its key while both certificates are here', async () => {
  const certificates = [idp.certificate, idp.nextCertificate];
  expect((await signsIn({}, { certificates })).subject).toBe('g-1906');
  expect((await signsIn({ signature: 'foreign key' }, { certificates })).subject).toBe('g-1906');
});

test.each<[string, SamlMisbehaviour, string | null]>([
  ['an attribute', { attributes: { uid: 'grace' } }, 'grace'],
  ['one that is missing', { attributes: {} }, null],
  ['one with two values', { attributes: { uid: ['grace', 'admin'] } }, null],
])('people known by %s', async (_name, how, subject) => {
  const come = signsIn(how, { subjectAttribute: 'uid' });
  if (subject === null) await expect(come).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
  else expect((await come).subject).toBe(subject);
});

test('no attribute speaks for the sign-in itself', async () => {
  const attributes = { sub: 'admin', email: 'a@example.com', email_verified: 'true', amr: 'mfa', acr: 'high' };
  const { subject, claims } = await signsIn({ attributes });
  expect(subject).toBe('g-1906');
  expect(claims).not.toHaveProperty('email_verified');
  expect(claims).not.toHaveProperty('amr');
  expect(claims['acr']).not.toBe('high');
});

describe('metadata', () => {
  test('of ours have every key, for signing and for encryption', () => {
    const xml = writeSamlMetadata(connection, publicUrl);
    const { callbackUrl, metadataUrl } = connectionUrls(publicUrl, connection);
    expect(xml).toContain(`entityID="${metadataUrl}"`);
    expect(xml).toContain(`Location="${callbackUrl}"`);
    expect(xml.match(/use="signing"/g)).toHaveLength(1);
    expect(xml.match(/use="encryption"/g)).toHaveLength(1);
    expect(xml).not.toContain('PRIVATE');
  });

  test.each<[string, (xml: string) => string, RegExp]>([
    [
      'entities',
      (xml) => xml.replace('<md:', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><md:'),
      /type definition/,
    ],
    ['no provider', (xml) => xml.replaceAll('IDPSSODescriptor', 'SPSSODescriptor'), /no identity provider/],
    ['no certificate', (xml) => xml.replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, ''), /certificate/],
    ['no address', (xml) => xml.replaceAll('HTTP-Redirect', 'SOAP'), /SingleSignOnService/],
    [
      'two providers',
      (xml) =>
        `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${xml.replace(/<\?.*\?>/, '').repeat(2)}</md:EntitiesDescriptor>`,
      /several/,
    ],
    [
      'more than 4,000 elements',
      (xml) => xml.replace('</md:EntityDescriptor>', (end) => `${'<a/>'.repeat(4000)}${end}`),
      /more than 4000 elements/,
    ],
    ['half of them', (xml) => xml.slice(0, -40), /well-formed|element/],
  ])('with %s are refused', (_name, bend, message) => {
    expect(() => readSamlMetadata(bend(idp.metadata()))).toThrow(message);
  });

  test('with three thousand names of the organisation are read', () => {
    const names = '<md:OrganizationName xml:lang="en">Example</md:OrganizationName>'.repeat(3000);
    const bend = (xml: string) =>
      xml.replace('</md:EntityDescriptor>', (end) => `<md:Organization>${names}</md:Organization>${end}`);
    expect(readSamlMetadata(bend(idp.metadata())).ssoUrl).toBe(`${idp.url}/sso`);
  });
});

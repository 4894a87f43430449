import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { type EncryptOptions, encrypt } from 'xml-encryption';
import { breakResponse, type Fault } from '../../src/cli/demo/misbehaviour.ts';
import { makeCertificate } from '../../src/connections/self-signed-certificate.ts';

const encryptXml = promisify(encrypt);

/** What an identity provider says otherwise than it should; left out, it is honest. */
export interface SamlMisbehaviour {
  nameId?: { value?: string; format?: string; xml?: string };
  attributes?: Record<string, string | string[]>;
  issuer?: string;
  audience?: string | null;
  recipient?: string;
  destination?: string;
  inResponseTo?: string | null;
  confirmedFor?: string | null;
  /** Minutes for which the assertion may still be delivered; null does not say. */
  deliverable?: number | null;
  /** XML after the audience within Conditions; null leaves Conditions out. */
  conditions?: string | null;
  status?: string;
  /** Milliseconds that its clock is off. */
  clock?: number;
  /** Minutes since the person signed in there. */
  signedInBefore?: number;
  signature?: 'none' | 'foreign key' | 'SHA-1' | 'of the response alone';
  /** The certificate (PEM) that assertions are encrypted for, and how. */
  encryptFor?: string;
  encryption?: Pick<Partial<EncryptOptions>, 'encryptionAlgorithm' | 'keyEncryptionAlgorithm'>;
  /** How it answers to a sign-out by SOAP. */
  soap?: { http?: number; status?: string; text?: string; fault?: Fault; until?: Promise<void> };
  /** What becomes of the finished response on its way. */
  bend?: (xml: string) => string;
}

export interface SamlProvider {
  url: string;
  entityId: string;
  /** PEM. */
  certificate: string;
  /** The other key of `foreign key`, for changing over. */
  nextCertificate: string;
  metadata(): string;
  misbehave(how: SamlMisbehaviour): void;
  /** Requests as they came: parameters of the last one, and its XML. */
  lastRequest(): { query: URLSearchParams; xml: string } | null;
  /** An answer to a request, as the form field has it. */
  answer(to: { requestId: string; acsUrl: string; audience: string }): Promise<string>;
  /** The address by which its browser brings a LogoutRequest, signed unless told otherwise. */
  askForSignOut(of: SamlSignOut): string;
  /** The same as a form, and in a SOAP envelope. */
  postSignOut(of: SamlSignOut): URLSearchParams;
  writeSignOut(of: SamlSignOut): string;
  /** The XML of sign-out requests that came with a browser. */
  signOuts(): readonly string[];
  /** The same for those that came by SOAP, with their envelopes. */
  toldBySoap(): readonly string[];
  close(): Promise<void>;
}

export interface SamlSignOut {
  logoutUrl: string;
  nameId?: string;
  sessionIndex?: string | null;
  issuer?: string;
  destination?: string;
  /** Milliseconds that its clock is off. */
  clock?: number;
  signature?: 'none' | 'foreign key' | 'of another request' | 'SHA-1';
  /** What becomes of the signed XML on its way; only in a form or an envelope. */
  bend?: (xml: string) => string;
}

const grace = {
  'urn:oid:0.9.2342.19200300.100.1.3': 'grace.hopper@example.com',
  'urn:oid:2.5.4.42': 'Grace',
  'urn:oid:2.5.4.4': 'Hopper',
  groups: ['engineering', 'navy'],
};

/** A SAML identity provider in process: it signs everybody in as Grace Hopper at once, and posts the answer by a form. */
export async function createSamlProvider(host = '127.0.0.1'): Promise<SamlProvider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const now = Date.now();
  const certificate = makeCertificate({ ...keys, name: 'idp', now });
  const nextCertificate = makeCertificate({ ...foreign, name: 'next', now });
  const signedOut: string[] = [];
  const told: string[] = [];
  let how: SamlMisbehaviour = {};
  let last: { query: URLSearchParams; xml: string } | null = null;

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (pathname === '/sso' && !searchParams.has('SAMLRequest')) response.writeHead(400).end('No request.');
    else if (pathname === '/slo') slo(searchParams, response);
    else if (pathname === '/soap') soap(request, response).catch(() => response.destroy());
    else if (pathname === '/sso') sso(searchParams, response).catch(() => response.destroy());
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  const entityId = `${url}/metadata`;

  /** It signs everybody out at once, and sends them back. */
  function slo(query: URLSearchParams, response: ServerResponse): void {
    const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
    signedOut.push(xml);
    const sp = /<saml:Issuer[^>]*>([^<]+)</.exec(xml)?.[1] ?? '';
    const back = new URL(sp.replace(/metadata$/, 'logout'));
    back.searchParams.set('SAMLResponse', 'whatever it says');
    back.searchParams.set('RelayState', query.get('RelayState') ?? '');
    response.writeHead(302, { location: back.href }).end();
  }

  async function soap(request: IncomingMessage, response: ServerResponse): Promise<void> {
    told.push(await text(request));
    await how.soap?.until;
    if (how.soap?.fault !== undefined) return breakResponse(how.soap.fault, response);
    const { http = 200, status = 'Success', text: body } = how.soap ?? {};
    response
      .writeHead(http, { 'content-type': 'text/xml' })
      .end(
        body ??
          inEnvelope(
            `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status></samlp:LogoutResponse>`,
          ),
      );
  }

  function writeLogoutRequest(of: SamlSignOut, id: string): string {
    const { nameId = 'g-1906', sessionIndex = 's-1', destination = of.logoutUrl, issuer = entityId } = of;
    const at = new Date(Date.now() + (of.clock ?? 0)).toISOString();
    const index = sessionIndex === null ? '' : `<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`;
    return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${at}" Destination="${destination}"><saml:Issuer>${issuer}</saml:Issuer><saml:NameID>${nameId}</saml:NameID>${index}</samlp:LogoutRequest>`;
  }

  /** With the signature inside. */
  function signSignOut(of: SamlSignOut): string {
    const xml = writeLogoutRequest(of, `_${randomBytes(16).toString('hex')}`);
    const key = of.signature === 'foreign key' ? foreign.privateKey : keys.privateKey;
    const signed = of.signature === 'none' ? xml : signElement(xml, 'LogoutRequest', key, of.signature === 'SHA-1');
    return (of.bend ?? ((text: string) => text))(signed);
  }

  function askForSignOut(of: SamlSignOut): string {
    const sha1 = of.signature === 'SHA-1';
    const query = (id: string) =>
      new URLSearchParams({
        SAMLRequest: deflateRawSync(writeLogoutRequest(of, id)).toString('base64'),
        RelayState: 'its own',
        SigAlg: sha1
          ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
          : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      }).toString();
    const id = () => `_${randomBytes(16).toString('hex')}`;
    const sent = query(id());
    if (of.signature === 'none') return `${of.logoutUrl}?${sent}`;
    const key = of.signature === 'foreign key' ? foreign.privateKey : keys.privateKey;
    const signed = of.signature === 'of another request' ? query(id()) : sent;
    const signature = createSign(sha1 ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(signed)
      .sign(key, 'base64');
    return `${of.logoutUrl}?${sent}&${new URLSearchParams({ Signature: signature })}`;
  }

  async function sso(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
    last = { query, xml };
    const read = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(xml)?.[1] ?? '';
    const acsUrl = read('AssertionConsumerServiceURL');
    const audience = /<saml:Issuer[^>]*>([^<]+)</.exec(xml)?.[1] ?? '';
    const saml = await answer({ requestId: read(' ID'), acsUrl, audience });
    const relayState = query.get('RelayState') ?? '';
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Signing in</title>
<form method="post" action="${acsUrl}">
<input type="hidden" name="SAMLResponse" value="${saml}"><input type="hidden" name="RelayState" value="${relayState}">
<button>Continue</button></form><script>document.forms[0].submit()</script>`);
  }

  async function answer({ requestId, acsUrl, audience }: { requestId: string; acsUrl: string; audience: string }) {
    const ids = { assertion: `_${randomBytes(16).toString('hex')}`, response: `_${randomBytes(16).toString('hex')}` };
    const at = (minutes: number) => new Date(Date.now() + (how.clock ?? 0) + minutes * 60_000).toISOString();
    const { value = 'g-1906', format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', xml } = how.nameId ?? {};
    const confirmed = how.confirmedFor === undefined ? requestId : how.confirmedFor;
    const forWhom = how.audience === undefined ? audience : how.audience;
    const { deliverable = 5, conditions = '' } = how;
    const until = deliverable === null ? '' : ` NotOnOrAfter="${at(deliverable)}"`;
    const restriction = `<saml:AudienceRestriction><saml:Audience>${forWhom}</saml:Audience></saml:AudienceRestriction>`;
    const attributes = Object.entries(how.attributes ?? grace).map(
      ([name, values]) =>
        `<saml:Attribute Name="${name}">${[values]
          .flat()
          .map((one) => `<saml:AttributeValue>${one}</saml:AttributeValue>`)
          .join('')}</saml:Attribute>`,
    );
    const assertion = [
      `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${ids.assertion}" Version="2.0" IssueInstant="${at(0)}">`,
      `<saml:Issuer>${how.issuer ?? entityId}</saml:Issuer>`,
      `<saml:Subject><saml:NameID Format="${format}">${xml ?? value}</saml:NameID>`,
      `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData${until} Recipient="${how.recipient ?? acsUrl}"${confirmed === null ? '' : ` InResponseTo="${confirmed}"`}/></saml:SubjectConfirmation></saml:Subject>`,
      conditions === null
        ? ''
        : `<saml:Conditions NotBefore="${at(0)}" NotOnOrAfter="${at(5)}">${forWhom === null ? '' : restriction}${conditions}</saml:Conditions>`,
      `<saml:AuthnStatement AuthnInstant="${at(-(how.signedInBefore ?? 0))}" SessionIndex="s-1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
      `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement></saml:Assertion>`,
    ].join('');
    const inResponseTo = how.inResponseTo === undefined ? requestId : how.inResponseTo;
    const wrap = (content: string) =>
      `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${ids.response}" Version="2.0" IssueInstant="${at(0)}" Destination="${how.destination ?? acsUrl}"${inResponseTo === null ? '' : ` InResponseTo="${inResponseTo}"`}><saml:Issuer>${entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${how.status ?? 'urn:oasis:names:tc:SAML:2.0:status:Success'}"/></samlp:Status>${content}</samlp:Response>`;
    const signed = how.signature === 'of the response alone' ? assertion : sign(assertion, 'Assertion');
    const content = how.encryptFor === undefined ? signed : await hide(signed, how.encryptFor, how.encryption);
    const response = how.signature === 'of the response alone' ? sign(wrap(content), 'Response') : wrap(content);
    return Buffer.from((how.bend ?? ((text: string) => text))(response)).toString('base64');
  }

  function sign(xml: string, element: 'Assertion' | 'Response'): string {
    if (how.signature === 'none') return xml;
    const privateKey = how.signature === 'foreign key' ? foreign.privateKey : keys.privateKey;
    return signElement(xml, element, privateKey, how.signature === 'SHA-1');
  }

  return {
    url,
    entityId,
    certificate,
    nextCertificate,
    metadata: () =>
      `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----.*-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${url}/slo"/><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${url}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
    misbehave: (next) => {
      how = next;
    },
    lastRequest: () => last,
    askForSignOut,
    postSignOut: (of) =>
      new URLSearchParams({ SAMLRequest: Buffer.from(signSignOut(of)).toString('base64'), RelayState: 'its own' }),
    writeSignOut: (of) => inEnvelope(signSignOut(of)),
    signOuts: () => signedOut,
    toldBySoap: () => told,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Signs the one element of that name, enveloped, behind its issuer. */
function signElement(xml: string, element: string, privateKey: KeyObject, sha1 = false): string {
  const here = `//*[local-name(.)='${element}']`;
  const signer = new SignedXml({
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: sha1
      ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
      : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signer.addReference({
    xpath: here,
    digestAlgorithm: sha1 ? 'http://www.w3.org/2000/09/xmldsig#sha1' : 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  });
  signer.computeSignature(xml, {
    location: { reference: `${here}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

async function hide(xml: string, certificate: string, encryption: SamlMisbehaviour['encryption']): Promise<string> {
  const hidden = await encryptXml(xml, {
    rsa_pub: certificate,
    pem: certificate,
    encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
    keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    ...encryption,
  });
  return `<saml:EncryptedAssertion>${hidden}</saml:EncryptedAssertion>`;
}

/** By SOAP, with another prefix than ours. */
export function inEnvelope(content: string): string {
  return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${content}</e:Body></e:Envelope>`;
}

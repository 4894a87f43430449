import type { SamlConnection } from '../../connections/connection.ts';
import { childElements, findElements, namespaces, parseXml } from '../../connections/parse-xml.ts';
import { invalidAnswer, toldError } from '../federated/failure.ts';

/** Bytes of an answer, decoded. */
const maxSize = 256 * 1024;

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const dsigMore = 'http://www.w3.org/2001/04/xmldsig-more#';
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#';

/** Everything that an answer may be signed and encrypted with: no SHA-1 signatures, no keyed hashes, no RSA 1.5. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  SignatureMethod: [
    ...['rsa-sha256', 'rsa-sha384', 'rsa-sha512'].map((name) => dsigMore + name),
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ],
  Transform: [`${dsig}enveloped-signature`, 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  CanonicalizationMethod: ['http://www.w3.org/2001/10/xml-exc-c14n#'],
};
const digests = [`${xmlenc}sha256`, `${xmlenc}sha512`];
const keyTransport = [`${xmlenc}rsa-oaep-mgf1p`, `${xmlenc11}rsa-oaep`];
const contentEncryption = [
  ...['aes128-gcm', 'aes192-gcm', 'aes256-gcm'].map((name) => xmlenc11 + name),
  ...['aes128-cbc', 'aes256-cbc'].map((name) => xmlenc + name),
];

/**
 * Looks an answer over before any of it is believed: that it is a response about success, for this address and this request,
 * with one assertion, by algorithms that are good enough. None of this is proof; it narrows what has to be proven.
 *
 * @returns whether the assertion is encrypted
 * @throws AppError IDP_…
 */
export function inspectResponse(
  base64: string | undefined,
  { requiresEncryption }: Pick<SamlConnection, 'requiresEncryption'>,
  expected: { callbackUrl: string; requestId: string },
): { encrypted: boolean } {
  if (!base64) throw invalidAnswer('There is no SAMLResponse in the answer.');
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (text.length > maxSize) throw invalidAnswer(`The answer takes more than ${maxSize} bytes.`);
  const { documentElement: response } = parse(text);
  if (response.localName !== 'Response' || response.namespaceURI !== namespaces.protocol) {
    throw invalidAnswer('The answer is no SAML response.');
  }
  checkStatus(response);
  checkAlgorithms(response);
  const destination = response.getAttribute('Destination');
  if (destination && destination !== expected.callbackUrl) {
    throw invalidAnswer(`The response is for ${destination} (Destination), and we are ${expected.callbackUrl}.`);
  }
  if (response.getAttribute('InResponseTo') !== expected.requestId) {
    throw invalidAnswer('The response answers another request, or none (InResponseTo).');
  }
  const encrypted = childElements(response, namespaces.assertion, 'EncryptedAssertion').length;
  const clear = childElements(response, namespaces.assertion, 'Assertion').length;
  if (encrypted + clear !== 1) throw invalidAnswer(`The response has ${encrypted + clear} assertions; one is taken.`);
  if (requiresEncryption && encrypted === 0) throw invalidAnswer('The assertion is not encrypted.');
  return { encrypted: encrypted === 1 };
}

function parse(text: string): Document {
  try {
    return parseXml(text);
  } catch (error) {
    throw invalidAnswer((error as Error).message, error);
  }
}

function checkStatus(response: Element): void {
  const [status] = childElements(response, namespaces.protocol, 'Status');
  const [code] = status ? childElements(status, namespaces.protocol, 'StatusCode') : [];
  const value = code?.getAttribute('Value') ?? '';
  if (value === 'urn:oasis:names:tc:SAML:2.0:status:Success') return;
  const [detail] = code ? childElements(code, namespaces.protocol, 'StatusCode') : [];
  const [message] = status ? childElements(status, namespaces.protocol, 'StatusMessage') : [];
  const name = (detail?.getAttribute('Value') || value).split(':').at(-1) ?? '';
  throw toldError(
    name === 'RequestDenied' || name === 'AuthnFailed' ? 'access_denied' : name,
    message?.textContent ?? name,
  );
}

function checkAlgorithms(response: Element): void {
  for (const [name, algorithms] of Object.entries(allowed)) {
    for (const element of findElements(response, namespaces.signature, name)) check(element, algorithms);
  }
  for (const element of findElements(response, namespaces.signature, 'DigestMethod')) {
    // The digest inside of OAEP is no signature's: SHA-1 does no harm there (RFC 8017, section B.1).
    const inOaep = (element.parentNode as Element | null)?.localName === 'EncryptionMethod';
    check(element, inOaep ? [...digests, `${dsig}sha1`] : digests);
  }
  for (const element of findElements(response, namespaces.encryption, 'EncryptionMethod')) {
    const forKey = (element.parentNode as Element | null)?.localName === 'EncryptedKey';
    check(element, forKey ? keyTransport : contentEncryption);
  }
}

function check(element: Element, algorithms: readonly string[]): void {
  const algorithm = element.getAttribute('Algorithm') ?? '';
  if (algorithms.includes(algorithm)) return;
  throw invalidAnswer(`${element.localName} is ${algorithm || 'not named'}, which is not taken.`);
}

import type { SamlConnection } from '../../connections/connection.ts';
import { childElements, findElements, namespaces } from '../../connections/parse-xml.ts';
import { invalidAnswer, toldError } from '../federated/failure.ts';
import { parseMessage, statusSuccess } from './messages.ts';

/** Bytes of an answer, decoded. */
const maxSize = 256 * 1024;

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const dsigMore = 'http://www.w3.org/2001/04/xmldsig-more#';
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#';

/** Everything that an answer, or what is encrypted in it, may be signed and encrypted with: no SHA-1 signatures, no keyed hashes, no RSA 1.5. */
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
 * @returns the assertion where it is encrypted, as XML; what is inside of it has not been looked at
 * @throws AppError IDP_…
 */
export function inspectResponse(
  base64: string | undefined,
  { requiresEncryption }: Pick<SamlConnection, 'requiresEncryption'>,
  expected: { callbackUrl: string; requestId: string },
): { encrypted: string | null } {
  if (!base64) throw invalidAnswer('There is no SAMLResponse in the answer.');
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (text.length > maxSize) throw invalidAnswer(`The answer takes more than ${maxSize} bytes.`);
  const { documentElement: response } = parseMessage(text);
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
  const encrypted = childElements(response, namespaces.assertion, 'EncryptedAssertion');
  const count = encrypted.length + childElements(response, namespaces.assertion, 'Assertion').length;
  if (count !== 1) throw invalidAnswer(`The response has ${count} assertions; one is taken.`);
  const [hidden] = encrypted;
  if (requiresEncryption && !hidden) throw invalidAnswer('The assertion is not encrypted.');
  return { encrypted: hidden ? String(hidden) : null };
}

/** The same for what was encrypted. @throws AppError IDP_ANSWER_INVALID */
export function inspectDecrypted(assertion: string): void {
  checkAlgorithms(parseMessage(assertion).documentElement);
}

function checkStatus(response: Element): void {
  const [status] = childElements(response, namespaces.protocol, 'Status');
  const [code] = status ? childElements(status, namespaces.protocol, 'StatusCode') : [];
  const value = code?.getAttribute('Value') ?? '';
  if (value === statusSuccess) return;
  const [detail] = code ? childElements(code, namespaces.protocol, 'StatusCode') : [];
  const [message] = status ? childElements(status, namespaces.protocol, 'StatusMessage') : [];
  const name = (detail?.getAttribute('Value') || value).split(':').at(-1) ?? '';
  throw toldError(
    name === 'RequestDenied' || name === 'AuthnFailed' ? 'access_denied' : name,
    message?.textContent ?? name,
  );
}

/** @throws AppError IDP_ANSWER_INVALID when anything in it is signed or encrypted by what is not good enough */
export function checkAlgorithms(message: Element): void {
  for (const [name, algorithms] of Object.entries(allowed)) {
    for (const element of findElements(message, namespaces.signature, name)) check(element, algorithms);
  }
  for (const element of findElements(message, namespaces.signature, 'DigestMethod')) {
    // The digest inside of OAEP is no signature's: SHA-1 does no harm there (RFC 8017, section B.1).
    const inOaep = (element.parentNode as Element | null)?.localName === 'EncryptionMethod';
    check(element, inOaep ? [...digests, `${dsig}sha1`] : digests);
  }
  for (const element of findElements(message, namespaces.encryption, 'EncryptionMethod')) {
    const forKey = (element.parentNode as Element | null)?.localName === 'EncryptedKey';
    check(element, forKey ? keyTransport : contentEncryption);
  }
}

function check(element: Element, algorithms: readonly string[]): void {
  const algorithm = element.getAttribute('Algorithm') ?? '';
  if (algorithms.includes(algorithm)) return;
  throw invalidAnswer(`${element.localName} is ${algorithm || 'not named'}, which is not taken.`);
}

import { createVerify } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Profile } from '@node-saml/node-saml';
import type { SamlConnection } from '../../connections/connection.ts';
import { childElements, escapeXml, namespaces } from '../../connections/parse-xml.ts';
import { connectionUrls } from '../../connections/urls.ts';
import { minute } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { newSecret } from '../../kernel/ids.ts';
import { invalidAnswer } from '../federated/failure.ts';
import type { SignOutMessage, ToldSignOut } from '../federated/protocol.ts';
import type { ServiceProvider } from './index.ts';
import { checkAlgorithms } from './inspect.ts';
import { loadXmlSecurity } from './library.ts';
import { getActiveKey, onlyChild, parseMessage, signMessage, statusSuccess, writeEnvelope } from './messages.ts';

const inflate = promisify(inflateRaw);

/** Bytes of a message, inflated. */
const maxSize = 64 * 1024;
/** A signed LogoutRequest in an envelope has about thirty. Anybody can send one: little work is done before its signature is known. */
const mostElements = 100;
/** Milliseconds that a message is taken for. */
const longestAge = 5 * minute;

const signatureAlgorithms: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'RSA-SHA256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'RSA-SHA384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'RSA-SHA512',
};

export interface LogoutRequestDeps {
  serve: ServiceProvider;
  box: Pick<CryptoBox, 'open'>;
  /** Without a trailing slash. */
  publicUrl: string;
}

/**
 * Reads a LogoutRequest of the provider's, as a browser brought it (by redirect or by a form) or as it came from its server
 * (SOAP). It counts only with a signature of the provider: whoever could leave it out could sign people out. Whatever is read
 * is read from what the signature covers.
 *
 * @throws AppError IDP_ANSWER_INVALID
 */
export async function readLogoutRequest(
  deps: LogoutRequestDeps,
  connection: SamlConnection,
  message: SignOutMessage,
): Promise<ToldSignOut> {
  const { xml, relayState } = await open(connection, message);
  const request = parseMessage(xml).documentElement;
  if (!isLogoutRequest(request)) throw invalidAnswer('The message is no LogoutRequest.');
  const { logoutUrl = '' } = connectionUrls(deps.publicUrl, connection);
  const { id, ...facts } = readRequest(request, connection, { logoutUrl, now: Date.now() });
  if (message.soap !== null) return { ...facts, id, answer: null, reply: await writeReply(deps, connection, id) };
  if (connection.sloUrl === null) return { ...facts, id, answer: null, reply: null };
  const { saml } = await deps.serve(connection, getActiveKey(connection), { logoutUrl: connection.sloUrl });
  const about = { ID: id } as unknown as Profile;
  return { ...facts, id, answer: await saml.getLogoutResponseUrlAsync(about, relayState, {}, true), reply: null };
}

/** The text that the signature covers. */
async function open(
  { certificates }: SamlConnection,
  { query, form, soap }: SignOutMessage,
): Promise<{ xml: string; relayState: string }> {
  if (soap !== null) return { xml: await verify(soap, findInEnvelope(soap), certificates), relayState: '' };
  const posted = form['SAMLRequest'];
  if (posted !== undefined) {
    const text = Buffer.from(posted, 'base64').toString('utf8');
    return {
      xml: await verify(text, parseUnknown(text).documentElement, certificates),
      relayState: form['RelayState'] ?? '',
    };
  }
  const raw = splitQuery(query);
  checkSignature(raw, certificates);
  const relayState = raw.has('RelayState') ? read(raw, 'RelayState') : '';
  return { xml: await decode(read(raw, 'SAMLRequest')), relayState };
}

/** What nothing is known of yet. */
function parseUnknown(text: string): Document {
  if (text.length > maxSize) throw invalidAnswer(`The message takes more than ${maxSize} bytes.`);
  return parseMessage(text, mostElements);
}

function findInEnvelope(soap: string): Element {
  const envelope = parseUnknown(soap).documentElement;
  const body = onlyChild(envelope, namespaces.soap, 'Body');
  const request = body && onlyChild(body, namespaces.protocol, 'LogoutRequest');
  if (!request) throw invalidAnswer('The envelope has no LogoutRequest.');
  return request;
}

/**
 * What the enveloped signature of a message covers (SAML 2.0 Bindings, sections 3.2.2 and 3.5.5): the same checks as for an
 * assertion's, so that nothing beside it can speak (wrapping).
 */
async function verify(whole: string, request: Element, certificates: readonly string[]): Promise<string> {
  if (!isLogoutRequest(request)) throw invalidAnswer('The message is no LogoutRequest.');
  checkAlgorithms(request);
  const { getVerifiedXml } = await loadXmlSecurity();
  let covered: string | null = null;
  try {
    covered = getVerifiedXml(whole, request, [...certificates]);
  } catch (error) {
    throw invalidAnswer((error as Error).message, error);
  }
  if (covered === null) throw invalidAnswer('The message is not signed, or by no certificate of the connection.');
  return covered;
}

function isLogoutRequest({ localName, namespaceURI }: Element): boolean {
  return localName === 'LogoutRequest' && namespaceURI === namespaces.protocol;
}

function readRequest(
  request: Element,
  connection: SamlConnection,
  { logoutUrl, now }: { logoutUrl: string; now: number },
): Pick<ToldSignOut, 'id' | 'name' | 'sid'> {
  const issuer = onlyChild(request, namespaces.assertion, 'Issuer')?.textContent?.trim();
  if (issuer !== connection.issuer) {
    throw invalidAnswer(`The LogoutRequest is by «${issuer}» (Issuer), expected «${connection.issuer}».`);
  }
  const destination = request.getAttribute('Destination');
  if (destination && destination !== logoutUrl) {
    throw invalidAnswer(`The LogoutRequest is for ${destination} (Destination), and we are ${logoutUrl}.`);
  }
  const id = request.getAttribute('ID') ?? '';
  const issued = Date.parse(request.getAttribute('IssueInstant') ?? '');
  const until = request.getAttribute('NotOnOrAfter');
  const fresh = Math.abs(now - issued) <= longestAge && !(until && Date.parse(until) + minute <= now);
  if (id === '' || !fresh)
    throw invalidAnswer('The LogoutRequest has no ID, or comes too late (IssueInstant, NotOnOrAfter).');
  const nameId = onlyChild(request, namespaces.assertion, 'NameID')?.textContent;
  if (!nameId) throw invalidAnswer('The LogoutRequest names nobody that we can read (NameID).');
  const indexes = childElements(request, namespaces.protocol, 'SessionIndex').map((one) => one.textContent?.trim());
  // Several sessions, or none named: all of the person's.
  return { id, name: nameId, sid: indexes.length === 1 ? (indexes[0] ?? null) : null };
}

/** Our answer to a request by SOAP (SAML 2.0 Core, section 3.7.2). */
async function writeReply(
  { box, publicUrl }: LogoutRequestDeps,
  connection: SamlConnection,
  requestId: string,
): Promise<string> {
  const { metadataUrl = '' } = connectionUrls(publicUrl, connection);
  const response = [
    `<samlp:LogoutResponse xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}"`,
    ` ID="_${newSecret()}" Version="2.0" IssueInstant="${new Date().toISOString()}" InResponseTo="${escapeXml(requestId)}">`,
    `<saml:Issuer>${escapeXml(metadataUrl)}</saml:Issuer>`,
    `<samlp:Status><samlp:StatusCode Value="${statusSuccess}"/></samlp:Status>`,
    '</samlp:LogoutResponse>',
  ].join('');
  return writeEnvelope(await signMessage(box, connection, response));
}

/** Parameters with their values as they came. @throws AppError when one comes twice: the signature covers one of them */
function splitQuery(query: string): Map<string, string> {
  const raw = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (raw.has(name)) throw invalidAnswer(`«${name}» comes twice.`);
    raw.set(name, value.join('='));
  }
  return raw;
}

function read(raw: Map<string, string>, name: string): string {
  return new URLSearchParams(`v=${raw.get(name) ?? ''}`).get('v') ?? '';
}

function checkSignature(raw: Map<string, string>, certificates: readonly string[]): void {
  const algorithm = signatureAlgorithms[read(raw, 'SigAlg')];
  if (!raw.has('Signature') || algorithm === undefined) {
    throw invalidAnswer('The message is not signed, or by an algorithm that is not taken (Signature, SigAlg).');
  }
  const signed = ['SAMLRequest', 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`)
    .join('&');
  const signature = read(raw, 'Signature');
  const holds = certificates.some((pem) => createVerify(algorithm).update(signed).verify(pem, signature, 'base64'));
  if (!holds) throw invalidAnswer('The signature of the message is by no certificate of the connection.');
}

async function decode(base64: string): Promise<string> {
  try {
    return (await inflate(Buffer.from(base64, 'base64'), { maxOutputLength: maxSize })).toString('utf8');
  } catch (cause) {
    throw invalidAnswer('The message cannot be unpacked.', cause);
  }
}

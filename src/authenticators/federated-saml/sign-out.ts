import { createVerify } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Profile } from '@node-saml/node-saml';
import type { SamlConnection } from '../../connections/connection.ts';
import { findActiveKey } from '../../connections/connection-keys.ts';
import { childElements, namespaces, parseXml } from '../../connections/parse-xml.ts';
import { minute } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/sha256.ts';
import { invalidAnswer } from '../federated/failure.ts';
import type { ToldSignOut, Upstream } from '../federated/protocol.ts';
import type { AssertionFacts } from './assertion.ts';
import type { ServiceProvider } from './index.ts';

const inflate = promisify(inflateRaw);

/** Bytes of a message, inflated. */
const maxSize = 64 * 1024;
/** Milliseconds that a message is taken for. */
const longestAge = 5 * minute;

const signatureAlgorithms: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'RSA-SHA256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'RSA-SHA384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'RSA-SHA512',
};

/** What a request to sign out has to say of whom, and how the provider takes it; null where it takes none. */
export function keepForSignOut(
  { singleLogout, sloUrl, sloSoapUrl }: Pick<SamlConnection, 'singleLogout' | 'sloUrl' | 'sloSoapUrl'>,
  { nameId, sessionIndex }: Pick<AssertionFacts, 'nameId' | 'sessionIndex'>,
): Pick<Upstream, 'signOut' | 'backChannel'> {
  if (!singleLogout || (sloUrl ?? sloSoapUrl) === null || nameId === null) {
    return { signOut: null, backChannel: 'never' };
  }
  const { value, format, qualifier, spQualifier } = nameId;
  const signOut = Object.fromEntries(
    Object.entries({ value, format, qualifier, spQualifier, sessionIndex }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  );
  if (sloSoapUrl === null) return { signOut, backChannel: 'never' };
  return { signOut, backChannel: sloUrl === null ? 'always' : 'unless-by-browser' };
}

/** Where a person is sent to sign out at the provider: a signed LogoutRequest (SAML 2.0 Profiles, section 4.4). */
export async function buildSignOutUrl(
  serve: ServiceProvider,
  connection: SamlConnection,
  signOut: Record<string, string>,
  { state }: { state: string },
): Promise<string | null> {
  if (connection.sloUrl === null) return null;
  const { saml } = serve(connection, getActiveKey(connection), {
    logoutUrl: connection.sloUrl,
    generateUniqueId: () => `_${sha256(state)}`,
  });
  const { value = '', format, qualifier, spQualifier, sessionIndex } = signOut;
  const person = {
    nameID: value,
    nameIDFormat: format,
    nameQualifier: qualifier,
    spNameQualifier: spQualifier,
    sessionIndex,
  };
  return saml.getLogoutUrlAsync(person as unknown as Profile, state, {});
}

/**
 * Reads a LogoutRequest that a browser brought (SAML 2.0 Bindings, section 3.4.4.1). It counts only with a signature of the
 * provider over the very letters of the query: whoever could leave it out could sign people out.
 *
 * @throws AppError IDP_ANSWER_INVALID
 */
export async function readLogoutRequest(
  serve: ServiceProvider,
  connection: SamlConnection,
  { query, logoutUrl, now }: { query: string; logoutUrl: string; now: number },
): Promise<ToldSignOut> {
  const raw = splitQuery(query);
  checkSignature(raw, connection.certificates);
  const request = parse(await decode(read(raw, 'SAMLRequest')));
  if (request.localName !== 'LogoutRequest' || request.namespaceURI !== namespaces.protocol) {
    throw invalidAnswer('The message is no LogoutRequest.');
  }
  const issuer = only(request, namespaces.assertion, 'Issuer')?.textContent?.trim();
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
  const nameId = only(request, namespaces.assertion, 'NameID')?.textContent;
  if (!nameId) throw invalidAnswer('The LogoutRequest names nobody that we can read (NameID).');
  const indexes = childElements(request, namespaces.protocol, 'SessionIndex').map((one) => one.textContent?.trim());

  const { saml } = serve(connection, getActiveKey(connection), { logoutUrl: connection.sloUrl ?? connection.ssoUrl });
  const relayState = raw.has('RelayState') ? read(raw, 'RelayState') : '';
  const about = { ID: id } as unknown as Profile;
  return {
    name: nameId,
    // Several sessions, or none named: all of the person's.
    sid: indexes.length === 1 ? (indexes[0] ?? null) : null,
    id,
    answer: connection.sloUrl === null ? null : await saml.getLogoutResponseUrlAsync(about, relayState, {}, true),
  };
}

export function getActiveKey(connection: SamlConnection) {
  const key = findActiveKey(connection);
  if (!key) throw new AppError('INTERNAL', { detail: `Connection «${connection.name}» has no active key.` });
  return key;
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

function parse(xml: string): Element {
  try {
    return parseXml(xml).documentElement;
  } catch (error) {
    throw invalidAnswer((error as Error).message, error);
  }
}

function only(from: Element, namespace: string, name: string): Element | null {
  const [first, second] = childElements(from, namespace, name);
  if (second) throw invalidAnswer(`The message has more than one ${name}.`);
  return first ?? null;
}

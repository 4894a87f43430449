import type { SamlConnection } from '../../connections/connection.ts';
import { childElements, escapeXml, findElements, namespaces } from '../../connections/parse-xml.ts';
import { connectionUrls } from '../../connections/urls.ts';
import type { GuardedRequest } from '../../egress/guarded-fetch.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import { newSecret } from '../../kernel/ids.ts';
import { cleanText, invalidAnswer } from '../federated/failure.ts';
import { parseMessage, signMessage, statusSuccess, writeEnvelope } from './messages.ts';

/**
 * Tells a provider by SOAP that a session here has ended (SAML 2.0 Bindings, section 3.2; Profiles, section 4.4.3.1): a
 * LogoutRequest with a signature inside. The answer comes over the same TLS connection, and nothing here depends on it.
 *
 * @param signOut as `keepForSignOut` has it
 * @returns the provider's status: `Success`, or what it says more closely, such as `PartialLogout`
 * @throws AppError IDP_ERROR when it refuses, IDP_ANSWER_INVALID when it answers with something else, EGRESS_…
 */
export async function tellBySoap(
  deps: {
    fetch(url: string, request: GuardedRequest): Promise<Response>;
    box: Pick<CryptoBox, 'open'>;
    publicUrl: string;
  },
  connection: SamlConnection,
  signOut: Record<string, string>,
): Promise<string> {
  const { sloSoapUrl: url } = connection;
  if (url === null) throw new AppError('IDP_ERROR', { detail: 'The connection has no sloSoapUrl any more.' });
  const { metadataUrl = '' } = connectionUrls(deps.publicUrl, connection);
  const request = writeLogoutRequest(signOut, { issuer: metadataUrl, url, now: Date.now() });
  const answer = await deps.fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '"http://www.oasis-open.org/committees/security"',
    },
    body: writeEnvelope(await signMessage(deps.box, connection, request)),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new AppError('IDP_ERROR', { detail: `HTTP ${answer.status}.` });
  return readStatus(text);
}

function writeLogoutRequest(
  { value = '', format, qualifier, spQualifier, sessionIndex }: Record<string, string>,
  { issuer, url, now }: { issuer: string; url: string; now: number },
): string {
  const qualities = Object.entries({ Format: format, NameQualifier: qualifier, SPNameQualifier: spQualifier })
    .map(([name, text]) => (text === undefined ? '' : ` ${name}="${escapeXml(text)}"`))
    .join('');
  return [
    `<samlp:LogoutRequest xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}"`,
    ` ID="_${newSecret()}" Version="2.0" IssueInstant="${new Date(now).toISOString()}" Destination="${escapeXml(url)}">`,
    `<saml:Issuer>${escapeXml(issuer)}</saml:Issuer>`,
    `<saml:NameID${qualities}>${escapeXml(value)}</saml:NameID>`,
    sessionIndex === undefined ? '' : `<samlp:SessionIndex>${escapeXml(sessionIndex)}</samlp:SessionIndex>`,
    '</samlp:LogoutRequest>',
  ].join('');
}

function readStatus(text: string): string {
  const [response] = findElements(parseMessage(text), namespaces.protocol, 'LogoutResponse');
  const [status] = response ? childElements(response, namespaces.protocol, 'Status') : [];
  const [code] = status ? childElements(status, namespaces.protocol, 'StatusCode') : [];
  if (!code) throw invalidAnswer('The answer is no LogoutResponse.');
  const [closer] = childElements(code, namespaces.protocol, 'StatusCode');
  const name = cleanText((closer ?? code).getAttribute('Value')?.split(':').at(-1) ?? '');
  if (code.getAttribute('Value') !== statusSuccess) throw new AppError('IDP_ERROR', { detail: `«${name}».` });
  return name;
}

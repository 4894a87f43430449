import type { SamlConnection } from '../../connections/connection.ts';
import { findActiveKey, openPrivateKey } from '../../connections/connection-keys.ts';
import { childElements, namespaces, parseXml } from '../../connections/parse-xml.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import { invalidAnswer } from '../federated/failure.ts';
import { loadXmlSecurity } from './library.ts';

export const statusSuccess = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** A provider's message as a document. @throws AppError IDP_ANSWER_INVALID */
export function parseMessage(text: string, mostElements?: number): Document {
  try {
    return parseXml(text, mostElements);
  } catch (error) {
    throw invalidAnswer((error as Error).message, error);
  }
}

/** The one child of that name, or null. @throws AppError IDP_ANSWER_INVALID for several: which would count? */
export function onlyChild(from: Element, namespace: string, name: string): Element | null {
  const [first, second] = childElements(from, namespace, name);
  if (second) throw invalidAnswer(`The message has more than one ${name}.`);
  return first ?? null;
}

/** @throws AppError INTERNAL when the connection has none */
export function getActiveKey(connection: SamlConnection) {
  const key = findActiveKey(connection);
  if (!key) throw new AppError('INTERNAL', { detail: `Connection «${connection.name}» has no active key.` });
  return key;
}

/** A message of ours with the signature inside, behind its issuer (SAML 2.0 Core, section 5). */
export async function signMessage(
  box: Pick<CryptoBox, 'open'>,
  connection: SamlConnection,
  xml: string,
): Promise<string> {
  const { signXml } = await loadXmlSecurity();
  return signXml(
    xml,
    '/*',
    { reference: "/*/*[local-name(.)='Issuer']", action: 'after' },
    {
      privateKey: openPrivateKey(box, connection, getActiveKey(connection)),
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
    },
  );
}

/** What goes by SOAP; `soap:` is bound inside (SAML 2.0 Bindings, section 3.2). */
export function writeEnvelope(content: string): string {
  return `<soap:Envelope xmlns:soap="${namespaces.soap}"><soap:Body>${content}</soap:Body></soap:Envelope>`;
}

import { DOMParser } from '@xmldom/xmldom';

/**
 * Text of others as an XML document. Documents that define entities or have processing instructions are refused before they
 * are parsed: SAML has neither, and both are there to be abused (entity expansion, external entities). So are documents of
 * very many parts: looking for a signature takes time with the square of them, before anything is known to be signed.
 *
 * @param most elements that the text may have
 * @throws Error saying what is wrong, without the text
 */
export function parseXml(text: string, most = mostElements): Document {
  if (countElements(text) > most) throw new Error(`XML of more than ${most} elements is not read.`);
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Error('XML with a document type definition is not read.');
  if (/<\?(?!xml\s)/i.test(text)) throw new Error('XML with processing instructions is not read.');
  const fail = () => {
    throw new Error('This is no well-formed XML.');
  };
  const document = new DOMParser({
    errorHandler: { warning: fail, error: fail, fatalError: fail },
  }).parseFromString(text, 'text/xml') as Document | undefined;
  if (!document?.documentElement) throw new Error('There is no XML element.');
  return document;
}

/** An assertion with three thousand groups has some more. */
const mostElements = 4000;

/** Without parsing them: what comments and other parts begin with counts, too. */
function countElements(text: string): number {
  let count = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) if (text[at + 1] !== '/') count++;
  return count;
}

/** The elements of that name below a node, in document order. */
export function findElements(from: Document | Element, namespace: string, name: string): Element[] {
  return Array.from(from.getElementsByTagNameNS(namespace, name));
}

/** The child elements of that name. */
export function childElements(from: Element, namespace: string, name: string): Element[] {
  return allChildElements(from).filter((one) => one.localName === name && one.namespaceURI === namespace);
}

export function allChildElements(from: Element): Element[] {
  return Array.from(from.childNodes).filter((node): node is Element => node.nodeType === 1);
}

/** Text as the content of an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export const namespaces = {
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
} as const;

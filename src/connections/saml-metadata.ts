import { X509Certificate } from 'node:crypto';
import type { SamlConnection } from './connection.ts';
import { childElements, escapeXml, findElements, namespaces, parseXml } from './parse-xml.ts';
import { connectionUrls } from './urls.ts';

const redirectBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const soapBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP';
const postBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

/**
 * What an identity provider's metadata says of it (SAML 2.0 Metadata, section 2.4.3). The admin hands the document over, so
 * it is trusted as they are; signatures and validity of the document itself are not looked at.
 *
 * @throws Error with a sentence for the admin
 */
export function readSamlMetadata(
  xml: string,
): Pick<SamlConnection, 'issuer' | 'ssoUrl' | 'sloUrl' | 'sloSoapUrl' | 'certificates'> {
  const document = parseXml(xml);
  const described = findElements(document, namespaces.metadata, 'EntityDescriptor').flatMap((entity) =>
    childElements(entity, namespaces.metadata, 'IDPSSODescriptor').map((provider) => ({ entity, provider })),
  );
  const [first, second] = described;
  if (!first) throw new Error('The metadata describe no identity provider (IDPSSODescriptor).');
  if (second) throw new Error('The metadata describe several identity providers: give those of one.');
  const issuer = first.entity.getAttribute('entityID');
  if (!issuer) throw new Error('The metadata give no entityID.');
  const ssoUrl = findService(first.provider, 'SingleSignOnService');
  if (!ssoUrl) throw new Error('The metadata give no SingleSignOnService with the binding HTTP-Redirect.');
  const certificates = childElements(first.provider, namespaces.metadata, 'KeyDescriptor')
    .filter((key) => key.getAttribute('use') !== 'encryption')
    .flatMap((key) => findElements(key, namespaces.signature, 'X509Certificate'))
    .map((element) => toPem(element.textContent ?? ''));
  if (certificates.length === 0) throw new Error('The metadata give no signing certificate.');
  return {
    issuer,
    ssoUrl,
    sloUrl: findService(first.provider, 'SingleLogoutService'),
    sloSoapUrl: findService(first.provider, 'SingleLogoutService', soapBinding),
    certificates: [...new Set(certificates)],
  };
}

function findService(provider: Element, name: string, binding = redirectBinding): string | null {
  const service = childElements(provider, namespaces.metadata, name).find(
    (element) => element.getAttribute('Binding') === binding,
  );
  return service?.getAttribute('Location') ?? null;
}

/** A certificate as PEM, whether it came so or as its base64 alone. @throws Error when it is none */
export function toPem(text: string): string {
  const base64 = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '');
  return new X509Certificate(Buffer.from(base64, 'base64')).toString();
}

/** Our own metadata for one connection: every key of ours is in it, so that the next is known before it signs. */
export function writeSamlMetadata(connection: SamlConnection, publicUrl: string): string {
  const { metadataUrl = '', callbackUrl, logoutUrl = '' } = connectionUrls(publicUrl, connection);
  const keys = ['signing', 'encryption'].flatMap((use) =>
    connection.keys.map(({ certificate }) => describeKey(use, certificate)),
  );
  const format = connection.nameIdFormat;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<EntityDescriptor xmlns="${namespaces.metadata}" entityID="${escapeXml(metadataUrl)}">`,
    `<SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${namespaces.protocol}">`,
    ...keys,
    ...[redirectBinding, postBinding, soapBinding].map(
      (binding) => `<SingleLogoutService Binding="${binding}" Location="${escapeXml(logoutUrl)}"/>`,
    ),
    ...(format === null ? [] : [`<NameIDFormat>${escapeXml(format)}</NameIDFormat>`]),
    `<AssertionConsumerService Binding="${postBinding}" Location="${escapeXml(callbackUrl)}" index="0" isDefault="true"/>`,
    '</SPSSODescriptor>',
    '</EntityDescriptor>',
    '',
  ].join('\n');
}

function describeKey(use: string, certificate: string): string {
  const base64 = certificate.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, '');
  return `<KeyDescriptor use="${use}"><KeyInfo xmlns="${namespaces.signature}"><X509Data><X509Certificate>${base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
}

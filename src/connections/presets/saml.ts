import type { SamlConnection } from '../connection.ts';
import { definePreset, samlDefaults } from '../preset.ts';

export const saml = definePreset<SamlConnection>({
  name: 'saml',
  type: 'saml',
  label: 'SAML 2.0',
  authenticator: 'SAMLSSOAuthenticator',
  madeAt: 'In the administration of the provider: a service provider («relying party», «enterprise application»).',
  steps: [
    'Import our metadata from {metadataUrl}; or enter by hand: entity id {metadataUrl}, assertion consumer service (POST) {callbackUrl}.',
    'Sign-outs go both ways by redirect where the provider has a single logout service: ours is {logoutUrl}, and signs.',
    'Let it send an unchanging NameID (persistent), or name an attribute that never changes as subjectAttribute.',
    'Give its metadata here (metadataXml), or its entity id, sign-on address and signing certificates.',
  ],
  required: ['issuer', 'ssoUrl', 'certificates'],
  traps: [
    'Sign-in begins here: an answer that nobody asked for («IdP-initiated») is refused, since it can be put into somebody else’s browser.',
    'A NameID in the form of a mail address is no unchanging name: whoever gets the address later gets the account.',
    'The provider’s certificate expires. Give the next one beside it before the provider changes over.',
    'A clock that is off by more than a minute makes assertions too early or too late.',
  ],
  defaults: samlDefaults,
});

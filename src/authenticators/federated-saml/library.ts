// Not before somebody needs it: a start is quicker without.

/** The service provider of the library. */
export const loadSaml = () => import('@node-saml/node-saml');

/** Its signatures and its encryption, for what the service provider has no method for. */
export const loadXmlSecurity = () => import('@node-saml/node-saml/lib/xml.js');

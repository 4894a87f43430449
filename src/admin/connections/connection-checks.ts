import { X509Certificate } from 'node:crypto';
import { targetUri } from '../../connections/claim-mapping.ts';
import { hasNewRecipient, secretRecipient } from '../../connections/client-secret.ts';
import { type Connection, connectionKey } from '../../connections/connection.ts';
import { findIssuerFault } from '../../connections/issuer.ts';
import { findParameterFault } from '../../connections/query-parameters.ts';
import { claims, claimUri, isAttributeClaim } from '../../directory/claims.ts';
import { escapePointer } from '../../kernel/json.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { Settings } from '../../settings.ts';
import type { Finding } from '../../validator/finding.ts';
import { isLoopback } from '../applications/redirect-uris.ts';
import { createContentFinding } from '../content-error.ts';

type Rules = Pick<Settings, 'allowLoopbackEgressForDevelopment'>;

/** What the schema of a connection cannot say. */
export function checkConnection(connection: Connection, rules: Rules): Finding[] {
  return [...checkCommon(connection), ...checkJit(connection.jit), ...checkProtocol(connection, rules)];
}

/**
 * People are known by what their provider calls them: under another provider, or another name, the links of one person here
 * could be those of somebody else there.
 */
export function findChangedSubjects(before: Connection, after: Connection): Finding[] {
  const named = ['issuer', 'userinfoEndpoint', 'subjectClaim', 'subjectAttribute'] as const;
  const [old, now]: Partial<Record<(typeof named)[number], unknown>>[] = [before, after];
  return named
    .filter((field) => old![field] !== now![field])
    .map((field) => {
      const message = `People are linked through this connection by what «${field}» says of them: another value could make them somebody else.`;
      const mend =
        'Make a connection of its own for it (POST /api/v1/connections), offer both, and let people keep their accounts by jit.linking; disable this one when nobody comes through it any more. To change this one all the same, unlink its people first: DELETE /api/v1/users/:id/associations/:associationId.';
      return createContentFinding('PEOPLE_LINKED', `/${field}`, message, mend);
    });
}

/**
 * A secret that nobody can read here would be read by whoever is named as its recipient: it goes to a new one only if it is
 * given again.
 */
export function findUnsentSecret(before: Connection, after: Connection, given: { clientSecret?: unknown }): Finding[] {
  const hasSecret = 'clientSecretSealed' in before && before.clientSecretSealed !== null;
  if (!hasSecret || given.clientSecret !== undefined || !hasNewRecipient(before, after)) return [];
  const old = secretRecipient(before);
  const meant = old === null ? 'to be shown to nobody' : `for «${old}»`;
  const message = `The client secret was given ${meant}; it is not sent elsewhere unless it is given again.`;
  const mend = `Give «clientSecret», as «${secretRecipient(after)}» knows it, in the same change; null where there is none.`;
  return [createContentFinding('SECRET_NEEDED', '/clientSecret', message, mend)];
}

function checkCommon({ name, claimMapping, queryParameters, domains }: Connection): Finding[] {
  const findings: Finding[] = [];
  if (connectionKey(name).toUpperCase() === localIdp) {
    const message = '«LOCAL» is reserved: scripts call people who sign in here so.';
    findings.push(createContentFinding('NAME_RESERVED', '/name', message, 'Choose another name.'));
  }
  for (const [claim, target] of Object.entries(claimMapping)) {
    const uri = targetUri(target);
    if (isAttributeClaim(uri)) continue;
    const message = `${uri} tells of the account itself and cannot be written.`;
    const path = `/claimMapping/${escapePointer(claim)}`;
    findings.push(createContentFinding('NO_ATTRIBUTE', path, message, 'For the user name set jit.username.'));
  }
  for (const parameter of Object.keys(queryParameters)) {
    const fault = findParameterFault(parameter);
    if (fault === null) continue;
    findings.push(createContentFinding('PARAMETER_RESERVED', `/queryParameters/${escapePointer(parameter)}`, fault));
  }
  domains.forEach((domain, i) => {
    if (isDomain.test(domain)) return;
    const message = 'A domain is what stands behind the @ of a mail address, in lower case: «example.com».';
    findings.push(createContentFinding('DOMAIN_INVALID', `/domains/${i}`, message));
  });
  return findings;
}

function checkJit({ requiredAttributes, linking }: Connection['jit']): Finding[] {
  const findings = requiredAttributes.flatMap((claim, i): Finding[] => {
    if (isAttributeClaim(claimUri(claim))) return [];
    const message = `${claim} tells of the account itself: the person cannot be asked for it as an attribute.`;
    return [createContentFinding('NO_ATTRIBUTE', `/jit/requiredAttributes/${i}`, message)];
  });
  if (!linking.enabled) return findings;
  if (linking.rules.length === 0) {
    const message = 'Without a rule no account is ever linked.';
    findings.push(createContentFinding('REQUIRED', '/jit/linking/rules', message, 'Add a rule, or turn linking off.'));
  }
  if (linking.proof !== 'VERIFIED_ATTRIBUTE') return findings;
  linking.rules.forEach(({ federatedAttribute, localAttribute }, i) => {
    if (federatedAttribute === 'email' && claimUri(localAttribute) === claims.email) return;
    const message =
      'A provider vouches for mail addresses alone, so with this proof the rule could never link anybody.';
    const mend = 'Let the rule compare «email» with the mail address, or choose another proof.';
    findings.push(createContentFinding('PROOF_IMPOSSIBLE', `/jit/linking/rules/${i}`, message, mend));
  });
  return findings;
}

/** Labels of letters, digits and hyphens, the last of letters (RFC 1035, section 2.3.1). */
const isDomain = /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+([a-z]{2,63}|xn--[a-z\d-]{1,59})$/;

function checkProtocol(connection: Connection, rules: Rules): Finding[] {
  switch (connection.type) {
    case 'oidc': {
      const { issuer, scopes, clientAuthentication, apple } = connection;
      const findings: Finding[] = [];
      const allowHttp = mayBeHttp(issuer, rules);
      const fault = findIssuerFault(issuer, { allowHttp }) ?? findTenantFault(issuer);
      if (fault !== null) findings.push(createContentFinding('ISSUER_INVALID', '/issuer', fault));
      if (!scopes.includes('openid')) {
        const message = 'Without the scope «openid» the provider does not say who the person is.';
        findings.push(createContentFinding('SCOPE_MISSING', '/scopes', message, 'Add «openid».'));
      }
      if (clientAuthentication === 'apple' && apple === null) {
        const message = 'Apple’s client secret is a signed token: it needs the team id and the key id.';
        findings.push(createContentFinding('REQUIRED', '/apple', message));
      }
      return findings;
    }
    case 'oauth2': {
      const { authorizationEndpoint, tokenEndpoint, userinfoEndpoint, emailsEndpoint } = connection;
      return checkUrls({ authorizationEndpoint, tokenEndpoint, userinfoEndpoint, emailsEndpoint }, rules);
    }
    case 'saml': {
      const { ssoUrl, sloUrl, sloSoapUrl, certificates } = connection;
      const findings = checkUrls({ ssoUrl, sloUrl, sloSoapUrl }, rules);
      certificates.forEach((certificate, i) => {
        const fault = findCertificateFault(certificate);
        if (fault !== null) findings.push(createContentFinding('CERTIFICATE_INVALID', `/certificates/${i}`, fault));
      });
      return findings;
    }
  }
}

/** Issuers that stand for every tenant of Entra: what they sign comes from tenants, under other issuers. */
function findTenantFault(issuer: string): string | null {
  return /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/.test(issuer)
    ? 'This stands for every tenant, and each of them signs as itself: give https://login.microsoftonline.com/<tenant id>/v2.0.'
    : null;
}

function checkUrls(urls: Record<string, string | null>, rules: Rules): Finding[] {
  return Object.entries(urls).flatMap(([field, value]) => {
    if (value === null) return [];
    const url = URL.parse(value);
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBeHttp(value, rules))) {
      return url.username || url.password || url.hash
        ? createContentFinding('URL_INVALID', `/${field}`, 'It must have no user name, password or fragment.')
        : [];
    }
    return createContentFinding('URL_INVALID', `/${field}`, 'It must be an https URL.');
  });
}

function findCertificateFault(pem: string): string | null {
  try {
    const { publicKey } = new X509Certificate(pem);
    const bits = publicKey.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < 2048 ? `Its key has ${bits} bits; 2048 are the least.` : null;
  } catch {
    return 'It is no X.509 certificate.';
  }
}

function mayBeHttp(url: string, { allowLoopbackEgressForDevelopment }: Rules): boolean {
  return allowLoopbackEgressForDevelopment && isLoopback(URL.parse(url)?.hostname ?? '');
}

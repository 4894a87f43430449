import type { SamlConnection } from '../../connections/connection.ts';
import { allChildElements, childElements, namespaces, parseXml } from '../../connections/parse-xml.ts';
import { minute } from '../../kernel/clock.ts';
import { invalidAnswer } from '../federated/failure.ts';

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** As it came; a request to sign out must repeat it whole. */
interface NameId {
  value: string;
  format: string | null;
  qualifier: string | null;
  spQualifier: string | null;
}

/** What an assertion says, in its own words. */
export interface AssertionFacts {
  nameId: NameId | null;
  /** Values by name; an attribute that came twice has all of them. */
  attributes: Map<string, string[]>;
  /** The authentication context class, and when the person signed in there (seconds since the epoch). */
  acr: string | null;
  authTime: number | null;
  /** The provider's session. */
  sessionIndex: string | null;
}

/**
 * Reads the signed text of an assertion, and nothing but that, by the rules that the library leaves to us (SAML 2.0 Profiles,
 * section 4.1.4.2): whose it is, for whom, where it was to be delivered, and which request it answers.
 *
 * @param signed the assertion exactly as the signature covers it
 * @throws AppError IDP_ANSWER_INVALID
 */
export function readAssertion(
  signed: string,
  { issuer }: Pick<SamlConnection, 'issuer'>,
  expected: { entityId: string; callbackUrl: string; requestId: string },
  now: number,
): AssertionFacts {
  const assertion = parseXml(signed).documentElement;
  const only = (from: Element, name: string) => {
    const [first, second] = childElements(from, namespaces.assertion, name);
    if (second) throw invalidAnswer(`The assertion has more than one ${name}.`);
    return first ?? null;
  };
  const said = only(assertion, 'Issuer')?.textContent?.trim();
  if (said !== issuer) throw invalidAnswer(`The assertion is by «${said}» (Issuer), expected «${issuer}».`);
  const conditions = only(assertion, 'Conditions');
  checkAudience(conditions, expected.entityId);
  checkFurtherConditions(conditions);

  const subject = only(assertion, 'Subject');
  if (!subject) throw invalidAnswer('The assertion has no Subject.');
  const faults = childElements(subject, namespaces.assertion, 'SubjectConfirmation').map((confirmation) =>
    findConfirmationFault(confirmation, expected, now),
  );
  if (!faults.includes(null)) {
    throw invalidAnswer(faults.length === 0 ? 'The assertion has no SubjectConfirmation.' : faults.join(' '));
  }
  const [statement] = childElements(assertion, namespaces.assertion, 'AuthnStatement');
  if (!statement) throw invalidAnswer('The assertion does not say that anybody signed in (AuthnStatement).');
  const nameId = only(subject, 'NameID');
  return {
    nameId: nameId && readNameId(nameId),
    attributes: readAttributes(assertion),
    ...readStatement(statement, now),
  };
}

function readNameId(element: Element): NameId {
  return {
    value: element.textContent ?? '',
    format: element.getAttribute('Format') || null,
    qualifier: element.getAttribute('NameQualifier') || null,
    spQualifier: element.getAttribute('SPNameQualifier') || null,
  };
}

function checkAudience(conditions: Element | null, entityId: string): void {
  const restrictions = conditions ? childElements(conditions, namespaces.assertion, 'AudienceRestriction') : [];
  if (restrictions.length === 0) throw invalidAnswer('The assertion says not for whom it is (AudienceRestriction).');
  for (const restriction of restrictions) {
    const audiences = childElements(restriction, namespaces.assertion, 'Audience').map((one) =>
      one.textContent?.trim(),
    );
    if (!audiences.includes(entityId)) {
      throw invalidAnswer(
        `The assertion is for ${audiences.map((one) => `«${one}»`).join(', ')}, and we are «${entityId}».`,
      );
    }
  }
}

/**
 * A condition that is not understood makes the assertion count for nothing (SAML 2.0 Core, section 2.5.1). To tell applications
 * who somebody is, on another's word, is what a ProxyRestriction is about (section 2.5.1.6).
 */
function checkFurtherConditions(conditions: Element | null): void {
  for (const condition of conditions ? allChildElements(conditions) : []) {
    const { localName, namespaceURI } = condition;
    const known = namespaceURI === namespaces.assertion ? localName : null;
    if (known === 'AudienceRestriction' || known === 'OneTimeUse') continue;
    if (known !== 'ProxyRestriction')
      throw invalidAnswer(`The assertion has a condition that is unknown: ${localName}.`);
    const mayPassOn = condition.getAttribute('Count') !== '0' && allChildElements(condition).length === 0;
    if (!mayPassOn) throw invalidAnswer('The provider does not let its word be passed on (ProxyRestriction).');
  }
}

/** Why a confirmation does not hold, or null. */
function findConfirmationFault(
  confirmation: Element,
  { callbackUrl, requestId }: { callbackUrl: string; requestId: string },
  now: number,
): string | null {
  if (confirmation.getAttribute('Method') !== bearer) return 'A SubjectConfirmation is not by bearer.';
  const [data] = childElements(confirmation, namespaces.assertion, 'SubjectConfirmationData');
  const recipient = data?.getAttribute('Recipient');
  if (recipient !== callbackUrl)
    return `The assertion is to be delivered to «${recipient ?? ''}» (Recipient), not here.`;
  if (data?.getAttribute('InResponseTo') !== requestId) return 'The assertion answers another request (InResponseTo).';
  const until = Date.parse(data.getAttribute('NotOnOrAfter') ?? '');
  if (Number.isNaN(until)) return 'The assertion does not say until when it may be delivered (NotOnOrAfter).';
  return until + minute <= now ? 'The assertion came too late (NotOnOrAfter).' : null;
}

function readStatement(statement: Element, now: number): Pick<AssertionFacts, 'acr' | 'authTime' | 'sessionIndex'> {
  const ends = statement.getAttribute('SessionNotOnOrAfter');
  if (ends && !(Date.parse(ends) + minute > now)) throw invalidAnswer('The session at the provider is over.');
  const [context] = childElements(statement, namespaces.assertion, 'AuthnContext');
  const [level] = context ? childElements(context, namespaces.assertion, 'AuthnContextClassRef') : [];
  const at = Date.parse(statement.getAttribute('AuthnInstant') ?? '');
  return {
    acr: level?.textContent?.trim() || null,
    authTime: Number.isNaN(at) ? null : Math.floor(at / 1000),
    sessionIndex: statement.getAttribute('SessionIndex') || null,
  };
}

function readAttributes(assertion: Element): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const statement of childElements(assertion, namespaces.assertion, 'AttributeStatement')) {
    for (const attribute of childElements(statement, namespaces.assertion, 'Attribute')) {
      const name = attribute.getAttribute('Name') ?? '';
      const values = childElements(attribute, namespaces.assertion, 'AttributeValue').map(
        (one) => one.textContent ?? '',
      );
      attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  }
  return attributes;
}

/**
 * The provider's unchanging name for the person. A transient NameID is another at each sign-in: it would make a new account
 * every time, so it is refused where nothing else is named.
 *
 * @throws AppError IDP_ANSWER_INVALID
 */
export function readSubject(
  { nameId, attributes }: Pick<AssertionFacts, 'nameId' | 'attributes'>,
  { subjectAttribute }: Pick<SamlConnection, 'subjectAttribute'>,
): string {
  if (subjectAttribute !== null) {
    const [value, ...others] = attributes.get(subjectAttribute) ?? [];
    if (!value || others.length > 0) throw invalidAnswer(`«${subjectAttribute}» has not exactly one value.`);
    return value;
  }
  if (!nameId?.value) throw invalidAnswer('The assertion has no NameID.');
  if (nameId.format === transient) {
    throw invalidAnswer(
      'The NameID is a transient one: let the provider send a persistent one, or set subjectAttribute.',
    );
  }
  return nameId.value;
}

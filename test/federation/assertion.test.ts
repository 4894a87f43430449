import { expect, test } from 'vitest';
import { readAssertion } from '../../src/authenticators/federated-saml/assertion.ts';
import { minute } from '../../src/kernel/clock.ts';

/* Times that the library leaves to us, at a clock of our own. */

const now = Date.parse('2026-11-23T10:00:00Z');
const expected = { entityId: 'us', callbackUrl: 'https://login.example.com/acs', requestId: '_1' };
const at = (time: number) => new Date(time).toISOString();

function read({ until, sessionEnds }: { until: string; sessionEnds: string }) {
  const xml = `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>idp</Issuer><Subject><NameID>g-1906</NameID>
    <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData
      Recipient="${expected.callbackUrl}" InResponseTo="_1" ${until}/></SubjectConfirmation></Subject>
    <Conditions><AudienceRestriction><Audience>us</Audience></AudienceRestriction></Conditions>
    <AuthnStatement ${sessionEnds}/></Assertion>`;
  return readAssertion(xml, { issuer: 'idp' }, expected, now).nameId?.value;
}

const honest = { until: `NotOnOrAfter="${at(now + 5 * minute)}"`, sessionEnds: '' };

test.each<[string, Partial<typeof honest>, RegExp | null]>([
  ['all in time', {}, null],
  ['delivered half a minute late', { until: `NotOnOrAfter="${at(now - minute / 2)}"` }, null],
  ['delivered too late', { until: `NotOnOrAfter="${at(now - minute)}"` }, /too late/],
  ['to be delivered for ever', { until: '' }, /until when/],
  ['to be delivered until no time', { until: 'NotOnOrAfter="soon"' }, /until when/],
  ['a session that goes on', { sessionEnds: `SessionNotOnOrAfter="${at(now + minute)}"` }, null],
  ['a session that is over', { sessionEnds: `SessionNotOnOrAfter="${at(now - minute)}"` }, /session.*over/],
  ['a session that ends at no time', { sessionEnds: 'SessionNotOnOrAfter="later"' }, /session.*over/],
])('%s', (_what, how, fault) => {
  const reads = () => read({ ...honest, ...how });
  if (fault) expect(reads).toThrow(expect.objectContaining({ detail: expect.stringMatching(fault) }));
  else expect(reads()).toBe('g-1906');
});

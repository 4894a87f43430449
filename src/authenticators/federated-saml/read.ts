import type { ConnectionKey, SamlConnection } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Form } from '../authenticator.ts';
import { invalidAnswer } from '../federated/failure.ts';
import type { Vouched } from '../federated/protocol.ts';
import { readAssertion, readSubject } from './assertion.ts';
import { toClaims } from './attributes.ts';
import type { Kept } from './depart.ts';
import type { ServiceProvider } from './index.ts';
import { inspectDecrypted, inspectResponse } from './inspect.ts';
import { loadXmlSecurity } from './library.ts';
import { keepForSignOut } from './sign-out.ts';

/**
 * Turns a response into the person whom its assertion names. The signature is checked by the library, which hands out the
 * text that it covers; whatever is read afterwards is read from that text, so nothing beside it can speak (wrapping).
 *
 * @throws AppError IDP_…
 */
export async function readAnswer(
  serve: ServiceProvider,
  connection: SamlConnection,
  { requestId }: Kept,
  form: Form,
): Promise<Vouched> {
  const [first] = connection.keys;
  if (!first) throw new AppError('INTERNAL', { detail: `Connection «${connection.name}» has no key.` });
  const { entityId, callbackUrl } = await serve(connection, first);
  const expected = { entityId, callbackUrl, requestId };
  const base64 = form['SAMLResponse'];
  const { encrypted } = inspectResponse(base64, connection, expected);
  // Only an encrypted assertion can need another key.
  const keys = encrypted === null ? [first] : connection.keys;
  const signed = await verify(serve, connection, keys, { base64: base64!, encrypted });
  const facts = readAssertion(signed, connection, expected, Date.now());
  const subject = readSubject(facts, connection);
  return {
    subject,
    claims: toClaims(facts, connection),
    upstream: {
      name: facts.nameId?.value ?? subject,
      sid: facts.sessionIndex,
      ...keepForSignOut(connection, facts),
      token: null,
    },
  };
}

/** The assertion as its signature covers it. What was encrypted may be for any key of ours. */
async function verify(
  serve: ServiceProvider,
  connection: SamlConnection,
  keys: readonly ConnectionKey[],
  { base64, encrypted }: { base64: string; encrypted: string | null },
): Promise<string> {
  let failure: unknown = null;
  for (const key of keys) {
    try {
      const { saml } = await serve(connection, key);
      // The library takes whatever it can check, SHA-1 too.
      if (encrypted !== null) {
        const { decryptXml } = await loadXmlSecurity();
        inspectDecrypted(await decryptXml(encrypted, saml.options.decryptionPvk!));
      }
      const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: base64 });
      const signed = profile?.getAssertionXml?.();
      if (!signed) throw new Error('There is no signed assertion.');
      return signed;
    } catch (error) {
      failure ??= error;
    }
  }
  throw invalidAnswer(failure instanceof Error ? failure.message : 'It cannot be read.', failure);
}

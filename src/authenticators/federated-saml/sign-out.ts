import type { Profile } from '@node-saml/node-saml';
import type { SamlConnection } from '../../connections/connection.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Upstream } from '../federated/protocol.ts';
import type { AssertionFacts } from './assertion.ts';
import type { ServiceProvider } from './index.ts';
import { getActiveKey } from './messages.ts';

/** What a request to sign out has to say of whom, and how the provider takes it; null where it takes none. */
export function keepForSignOut(
  { singleLogout, sloUrl, sloSoapUrl }: Pick<SamlConnection, 'singleLogout' | 'sloUrl' | 'sloSoapUrl'>,
  { nameId, sessionIndex }: Pick<AssertionFacts, 'nameId' | 'sessionIndex'>,
): Pick<Upstream, 'signOut' | 'backChannel'> {
  if (!singleLogout || (sloUrl ?? sloSoapUrl) === null || nameId === null) {
    return { signOut: null, backChannel: 'never' };
  }
  const { value, format, qualifier, spQualifier } = nameId;
  const signOut = Object.fromEntries(
    Object.entries({ value, format, qualifier, spQualifier, sessionIndex }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  );
  if (sloSoapUrl === null) return { signOut, backChannel: 'never' };
  return { signOut, backChannel: sloUrl === null ? 'always' : 'unless-by-browser' };
}

/** Where a person is sent to sign out at the provider: a signed LogoutRequest (SAML 2.0 Profiles, section 4.4). */
export async function buildSignOutUrl(
  serve: ServiceProvider,
  connection: SamlConnection,
  signOut: Record<string, string>,
  { state }: { state: string },
): Promise<string | null> {
  if (connection.sloUrl === null) return null;
  const { saml } = await serve(connection, getActiveKey(connection), {
    logoutUrl: connection.sloUrl,
    generateUniqueId: () => `_${sha256(state)}`,
  });
  const { value = '', format, qualifier, spQualifier, sessionIndex } = signOut;
  const person = {
    nameID: value,
    nameIDFormat: format,
    nameQualifier: qualifier,
    spNameQualifier: spQualifier,
    sessionIndex,
  };
  return saml.getLogoutUrlAsync(person as unknown as Profile, state, {});
}

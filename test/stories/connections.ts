import { sealClientSecret } from '../../src/connections/client-secret.ts';
import type { Connection, OAuth2Connection, SamlConnection } from '../../src/connections/connection.ts';
import { makeConnectionKey } from '../../src/connections/connection-keys.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { readSamlMetadata } from '../../src/connections/saml-metadata.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { OAuth2Provider } from '../federation/oauth2-provider.ts';
import type { SamlProvider } from '../federation/saml-provider.ts';
import type { World } from './world.ts';

const fresh = { createdAt: 0, updatedAt: 0, revision: 1 };

/** A connection to a provider that looks like GitHub. */
export async function connectGitHub(
  world: World,
  provider: Pick<OAuth2Provider, 'url'>,
  name = 'GitHub',
): Promise<OAuth2Connection> {
  const id = newId('conn');
  const connection: OAuth2Connection = {
    ...getConnectionDefaults('github'),
    ...fresh,
    id,
    name,
    type: 'oauth2',
    preset: 'github',
    clientId: 'stepgate',
    clientSecretSealed: sealClientSecret(world.box, id, 'secret'),
    previousSecretSealed: null,
    authorizationEndpoint: `${provider.url}/authorize`,
    tokenEndpoint: `${provider.url}/token`,
    userinfoEndpoint: `${provider.url}/user`,
    emailsEndpoint: `${provider.url}/user/emails`,
    keys: [],
  };
  await world.app.database.unit(({ connections }) => connections.insert(connection));
  return connection;
}

/** A connection to a SAML provider, from its metadata. */
export async function connectSaml(
  world: Pick<World, 'box'> & { app: Pick<World['app'], 'database'> },
  provider: Pick<SamlProvider, 'metadata'>,
  name = 'Example Ltd',
): Promise<SamlConnection> {
  const id = newId('conn');
  const connection: SamlConnection = {
    ...getConnectionDefaults('saml'),
    ...readSamlMetadata(provider.metadata()),
    ...fresh,
    id,
    name,
    type: 'saml',
    preset: 'saml',
    trustsVerifiedEmail: true,
    keys: [await makeConnectionKey(world.box, id, { state: 'active', now: Date.now() })],
  };
  await world.app.database.unit(({ connections }) => connections.insert(connection));
  return connection;
}

/** Changes a connection as it is now. */
export async function changeConnection<C extends Connection>(
  world: World,
  { id }: Pick<C, 'id'>,
  how: (connection: C) => C,
): Promise<void> {
  await world.app.database.unit(async ({ connections }) => {
    await connections.update(how((await connections.findById(id)) as C));
  });
}

import type { Connection, OAuth2Connection, OidcConnection, PresetName, SamlConnection } from './connection.ts';
import type { Defaults, PresetDefinition } from './preset.ts';
import { apple } from './presets/apple.ts';
import { entra } from './presets/entra.ts';
import { facebook } from './presets/facebook.ts';
import { github } from './presets/github.ts';
import { google } from './presets/google.ts';
import { oauth2 } from './presets/oauth2.ts';
import { oidc } from './presets/oidc.ts';
import { saml } from './presets/saml.ts';

/** Every kind of identity provider that a connection can be made to. */
const presets = { oidc, google, entra, apple, oauth2, github, facebook, saml };

const presetNames = Object.keys(presets) as PresetName[];

/** Presets as people choose among them. */
export function listPresets(): PresetDefinition<Connection>[] {
  return presetNames.map(getPreset);
}

export function getPreset(name: PresetName): PresetDefinition<Connection> {
  return presets[name] as unknown as PresetDefinition<Connection>;
}

/** What a connection has before its admin has said anything; a copy that may be changed. */
export function getConnectionDefaults<N extends PresetName>(name: N): Defaults<ConnectionOf<N>> {
  return structuredClone(presets[name].defaults) as unknown as Defaults<ConnectionOf<N>>;
}

type ConnectionOf<N extends PresetName> = N extends OidcConnection['preset']
  ? OidcConnection
  : N extends OAuth2Connection['preset']
    ? OAuth2Connection
    : SamlConnection;

/** The name that scripts see as `authenticator`; of a connection that is gone, that of most. */
export function authenticatorName(connection: Pick<Connection, 'preset'> | null | undefined): string {
  return presets[connection?.preset ?? 'oidc'].authenticator;
}

import { changeClientSecret, hasNewRecipient } from '../../connections/client-secret.ts';
import type { Connection, ConnectionKey } from '../../connections/connection.ts';
import { makeConnectionKey } from '../../connections/connection-keys.ts';
import { getConnectionDefaults, getPreset } from '../../connections/presets.ts';
import { readSamlMetadata, toPem } from '../../connections/saml-metadata.ts';
import { newId } from '../../kernel/ids.ts';
import { ContentError, createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { mergeMap, present } from '../merge.ts';
import type { ConnectionPatch, NewConnection } from './connection-schemas.ts';
import { mergeJit } from './jit-schemas.ts';

type Deps = Pick<AdminDeps, 'box' | 'clock'>;

/**
 * The connection that an admin describes, with the preset's values for what they left out.
 * @throws ContentError for fields of another type, and for those that are missing
 */
export async function makeConnection(deps: Deps, body: NewConnection): Promise<Connection> {
  const { type, preset: presetName = type, clientSecret, jit, metadataXml, ...given } = body;
  const preset = getPreset(presetName);
  if (preset.type !== type) {
    const message = `The preset «${presetName}» is of type ${preset.type}.`;
    throw new ContentError([createContentFinding('WRONG_VALUE', '/preset', message)]);
  }
  const defaults = getConnectionDefaults(presetName);
  const hasClient = 'clientId' in defaults;
  refuseForeignFields(body, { ...defaults, ...(hasClient ? { clientSecret } : { metadataXml: null }) }, type);
  const now = deps.clock.now();
  const connection = {
    ...defaults,
    ...(metadataXml === undefined ? {} : readMetadata(metadataXml)),
    ...present(given),
    ...(hasClient ? { clientSecretSealed: null, previousSecretSealed: null } : {}),
    id: newId('conn'),
    type,
    preset: presetName,
    jit: mergeJit(defaults.jit, jit),
    keys: [],
    createdAt: now,
    updatedAt: now,
    revision: 1,
  } as unknown as Connection;
  refuseIfAny(
    preset.required
      .filter((field) => (connection as unknown as Record<string, unknown>)[field] === null)
      .map((field) => createContentFinding('REQUIRED', `/${field}`, `«${field}» is missing.`)),
  );
  const whole = withSecret(deps, withPem(connection), clientSecret);
  if (!needsKey(whole)) return whole;
  return { ...whole, keys: [await makeConnectionKey(deps.box, whole.id, { state: 'active', now })] };
}

/**
 * The connection with what an admin changes of it.
 * @param spareKey see `makeSpareKey`
 * @throws ContentError for fields of another type
 */
export function mergeConnection(
  deps: Deps,
  before: Connection,
  patch: ConnectionPatch,
  spareKey: ConnectionKey | null,
): Connection {
  const { clientSecret, metadataXml, jit, claimMapping, roleMapping, groupMapping, queryParameters, ...fields } = patch;
  const hasClient = before.type !== 'saml';
  refuseForeignFields(
    patch,
    { ...before, ...(hasClient ? { clientSecret: null } : { metadataXml: null }) },
    before.type,
  );
  const merged = {
    ...before,
    ...(metadataXml === undefined ? {} : readMetadata(metadataXml)),
    ...present(fields),
    jit: mergeJit(before.jit, jit),
    claimMapping: mergeMap(before.claimMapping, claimMapping),
    roleMapping: mergeMap(before.roleMapping, roleMapping),
    groupMapping: mergeMap(before.groupMapping, groupMapping),
    queryParameters: mergeMap(before.queryParameters, queryParameters),
    updatedAt: deps.clock.now(),
  } as Connection;
  const changed = withoutForeignSecret(before, withSecret(deps, withPem(merged), clientSecret));
  return spareKey && needsKey(changed) ? { ...changed, keys: [spareKey] } : changed;
}

/** A key for a connection that may need one after the patch: it takes too long to be made within a unit of work. */
export async function makeSpareKey(
  { box, clock }: Deps,
  id: Connection['id'],
  patch: ConnectionPatch,
): Promise<ConnectionKey | null> {
  if (patch.clientAuthentication !== 'private_key_jwt') return null;
  return makeConnectionKey(box, id, { state: 'active', now: clock.now() });
}

/** Certificates in one form, whichever they came in; what is none is left for the checks to tell. */
function withPem(connection: Connection): Connection {
  if (connection.type !== 'saml') return connection;
  const certificates = connection.certificates.map((text) => {
    try {
      return toPem(text);
    } catch {
      return text;
    }
  });
  return { ...connection, certificates };
}

function readMetadata(xml: string) {
  try {
    return readSamlMetadata(xml);
  } catch (error) {
    throw new ContentError([createContentFinding('METADATA_INVALID', '/metadataXml', (error as Error).message)]);
  }
}

function withSecret({ box }: Deps, connection: Connection, secret: string | null | undefined): Connection {
  return secret === undefined || connection.type === 'saml' ? connection : changeClientSecret(box, connection, secret);
}

/** Tried where a new secret is refused: the one before is for its own recipient alone. */
function withoutForeignSecret(before: Connection, after: Connection): Connection {
  return after.type === 'saml' || !hasNewRecipient(before, after) ? after : { ...after, previousSecretSealed: null };
}

/** SAML requests are always signed; OpenID providers are shown a signature where the connection says so. */
function needsKey(connection: Connection): boolean {
  const signs = connection.type === 'oidc' && connection.clientAuthentication === 'private_key_jwt';
  return (signs || connection.type === 'saml') && connection.keys.length === 0;
}

function refuseForeignFields(body: object, known: object, type: Connection['type']): void {
  const foreign = Object.keys(present(body)).filter(
    (field) => !(field in known) && !['name', 'type', 'preset'].includes(field),
  );
  refuseIfAny(
    foreign.map((field) => {
      const message = `«${field}» is not for connections of type ${type}.`;
      return createContentFinding('NOT_FOR_TYPE', `/${field}`, message);
    }),
  );
}

import { federatedDefinition } from '../authenticators/federated/definition.ts';
import { commonParameters } from '../authenticators/parameters.ts';
import type { Connection } from '../connections/connection.ts';
import { authenticatorName } from '../connections/presets.ts';
import { listParameterKeys } from '../connections/query-parameters.ts';
import type { ApplicationId } from '../kernel/ids.ts';
import type { ScriptAsset } from '../script-assets/asset.ts';
import type { Stores } from '../stores.ts';
import type { Knowledge } from '../validator/knowledge.ts';
import type { AdminDeps } from './deps.ts';
import { listAll } from './paging.ts';

type Known = Pick<AdminDeps, 'authenticators' | 'unavailableAuthenticators' | 'knownFunctions' | 'settings'>;

/** What this server has now, to check flows against. */
export async function readKnowledge(
  { authenticators, unavailableAuthenticators, knownFunctions, settings }: Known,
  stores: Pick<Stores, 'connections' | 'roles' | 'scriptAssets' | 'secrets'>,
  applicationId: ApplicationId | null,
): Promise<Knowledge> {
  const connections = await listAll((page) => stores.connections.list(page));
  const libraries = await listAll((page) => stores.scriptAssets.list({ ...page, kind: 'script-library' }));
  const prompts = await listAll((page) => stores.scriptAssets.list({ ...page, kind: 'prompt-template' }));
  const mails = await listAll((page) => stores.scriptAssets.list({ ...page, kind: 'mail-template' }));
  const readRoles = async (of: ApplicationId | null) =>
    (await listAll((page) => stores.roles.list({ ...page, applicationId: of }))).map(({ name }) => name);
  return {
    maxScriptBytes: settings.scriptLimits.scriptBytes,
    authenticators,
    unavailableAuthenticators,
    commonParameters: Object.keys(commonParameters),
    functions: knownFunctions,
    connections: connections.map(toKnown),
    names: {
      secret: (await listAll((page) => stores.secrets.list(page))).map(({ name }) => name),
      role: await readRoles(null),
      'application role': applicationId === null ? null : await readRoles(applicationId),
    },
    libraries: libraries.map(({ name, version, content }) => ({ name, version, source: content })),
    promptTemplates: prompts.map(toTemplate),
    mailTemplates: mails.map(toTemplate),
  };
}

function toTemplate({ name, version, content }: ScriptAsset) {
  return { name, version, template: JSON.parse(content) };
}

export function toKnown({
  name,
  preset,
  enabled,
  jit,
  queryParameters,
}: Connection): NonNullable<Knowledge['connections']>[number] {
  const ifLinked = jit.linking.enabled && jit.linking.skipJitOnNoMatch;
  const accounts = !jit.enabled ? 'never' : ifLinked ? 'if-linked' : 'always';
  return {
    ...{ name, authenticator: authenticatorName({ preset }), enabled, accounts },
    parameters: [...federatedDefinition.parameters, ...listParameterKeys(queryParameters)],
  };
}

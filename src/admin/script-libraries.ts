import { Type } from 'typebox';
import { newId } from '../kernel/ids.ts';
import { sha256 } from '../kernel/sha256.ts';
import type { ScriptAsset } from '../script-assets/asset.ts';
import type { Finding } from '../validator/finding.ts';
import { hasErrors } from '../validator/validate.ts';
import { validateLibrary } from '../validator/validate-library.ts';
import { ContentError } from './content-error.ts';
import type { AdminDeps } from './deps.ts';
import { examples } from './examples.ts';
import { readKnowledge } from './knowledge.ts';
import { readPage } from './paging.ts';
import { ById, closed, Findings, IfMatch, ListOf, Page } from './schemas.ts';
import {
  AssetName,
  AssetNote,
  assetFields,
  ByVersion,
  showAssetFields,
  showVersionFields,
  versionFields,
} from './script-asset-schemas.ts';
import { createAssets } from './script-assets.ts';
import type { AdminServer } from './server.ts';
import { sendResource } from './versioning.ts';

const tags = ['Script libraries'];

const Source = Type.String({
  maxLength: 200_000,
  description: 'A CommonJS module in JavaScript: it sets `exports` or `module.exports`. At most 100 kB.',
});
const NewLibrary = Type.Object(
  { name: AssetName, source: Source, note: AssetNote },
  { ...closed, title: 'NewScriptLibrary', examples: [examples.newScriptLibrary] },
);
const LibraryPatch = Type.Object(
  { name: Type.Optional(AssetName), source: Type.Optional(Source), note: AssetNote },
  { ...closed, title: 'ScriptLibraryPatch', examples: [examples.scriptLibraryPatch] },
);
const LibrarySummary = Type.Object(assetFields, { title: 'ScriptLibrarySummary' });
const LibraryView = Type.Object({ ...assetFields, source: Type.String() }, { title: 'ScriptLibrary' });
const CheckedLibrary = Type.Interface([LibraryView], { findings: Findings }, { title: 'CheckedScriptLibrary' });
const LibraryVersionSummary = Type.Object(versionFields, { title: 'ScriptLibraryVersionSummary' });
const LibraryVersion = Type.Object({ ...versionFields, source: Type.String() }, { title: 'ScriptLibraryVersion' });

/** `/script-libraries`: what sign-in scripts load by `require`. */
export function addScriptLibraries(server: AdminServer, deps: AdminDeps): void {
  const { database } = deps;
  const libraries = createAssets(deps, {
    kind: 'script-library',
    label: 'script library',
    newId: () => newId('lib'),
    describe: ({ name, version, content }) => ({
      name,
      version,
      source: { sha256: sha256(content), characters: content.length },
    }),
  });

  server.route({
    method: 'POST',
    url: '/script-libraries',
    schema: {
      operationId: 'createScriptLibrary',
      tags,
      summary: 'Make a script library',
      description:
        'Scripts load it by `require(name)`. A source that cannot be parsed is refused. Sign-ins use it from the next publishing of their flow on.',
      body: NewLibrary,
      response: { 201: CheckedLibrary },
    },
    handler: async ({ body: { name, source, note } }, reply) => {
      const findings = await check(source);
      const library = await libraries.create({ name, content: source, note });
      sendResource(reply, library).code(201);
      return { ...show(library), findings };
    },
  });

  server.route({
    method: 'GET',
    url: '/script-libraries',
    schema: {
      operationId: 'listScriptLibraries',
      tags,
      summary: 'List script libraries',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(LibrarySummary) },
    },
    handler: ({ query }) => {
      const list = (page: { after: string | null; limit: number }) =>
        database.read.scriptAssets.list({ ...page, kind: 'script-library' });
      return readPage(query, list, showAssetFields);
    },
  });

  server.route({
    method: 'GET',
    url: '/script-libraries/:id',
    schema: {
      operationId: 'getScriptLibrary',
      tags,
      summary: 'Read a script library',
      params: ById,
      response: { 200: LibraryView },
    },
    handler: async ({ params }, reply) => {
      const library = await libraries.get(database.read, params.id);
      sendResource(reply, library);
      return show(library);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/script-libraries/:id',
    schema: {
      operationId: 'changeScriptLibrary',
      tags,
      summary: 'Change a script library',
      description:
        'Another source is a new version. Flows that are published keep the version that they were published with.',
      params: ById,
      headers: IfMatch,
      body: LibraryPatch,
      response: { 200: CheckedLibrary },
    },
    handler: async ({ params, headers, body: { source, ...patch } }, reply) => {
      const given = source === undefined ? null : await check(source);
      const library = await libraries.change(params.id, headers['if-match'], { ...patch, content: source });
      sendResource(reply, library);
      return { ...show(library), findings: given ?? (await check(library.content)) };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/script-libraries/:id',
    schema: {
      operationId: 'deleteScriptLibrary',
      tags,
      summary: 'Delete a script library',
      description:
        'Flows that are published keep their version of it. One that requires it cannot be published any more.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await libraries.delete(params.id, headers['if-match']);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/script-libraries/:id/versions',
    schema: {
      operationId: 'listScriptLibraryVersions',
      tags,
      summary: 'List the versions of a script library, newest first',
      params: ById,
      response: { 200: Type.Object({ items: Type.Array(LibraryVersionSummary) }) },
    },
    handler: async ({ params }) => ({ items: (await libraries.listVersions(params.id)).map(showVersionFields) }),
  });

  server.route({
    method: 'GET',
    url: '/script-libraries/:id/versions/:version',
    schema: {
      operationId: 'getScriptLibraryVersion',
      tags,
      summary: 'Read a version of a script library',
      params: ByVersion,
      response: { 200: LibraryVersion },
    },
    handler: async ({ params }) => {
      const version = await libraries.getVersion(params.id, params.version);
      return { ...showVersionFields(version), source: version.content };
    },
  });

  /** @throws ContentError when the source has errors */
  async function check(source: string): Promise<Finding[]> {
    const findings = validateLibrary(source, await readKnowledge(deps, database.read, null));
    if (hasErrors(findings)) throw new ContentError(findings);
    return findings;
  }
}

function show(library: ScriptAsset) {
  return { ...showAssetFields(library), source: library.content };
}

import { Type } from 'typebox';
import { newId } from '../kernel/ids.ts';
import type { ScriptAsset } from '../script-assets/asset.ts';
import { builtInPrompts, findTemplateFaults, PromptTemplate } from '../script-assets/prompt-template.ts';
import { createContentFinding, refuseIfAny } from './content-error.ts';
import type { AdminDeps } from './deps.ts';
import { examples } from './examples.ts';
import { readPage } from './paging.ts';
import { ById, closed, IfMatch, ListOf, Page } from './schemas.ts';
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

const tags = ['Prompt templates'];

const NewTemplate = Type.Object(
  { name: AssetName, template: PromptTemplate, note: AssetNote },
  { ...closed, title: 'NewPromptTemplate', examples: [examples.newPromptTemplate] },
);
const TemplatePatch = Type.Object(
  { name: Type.Optional(AssetName), template: Type.Optional(PromptTemplate), note: AssetNote },
  { ...closed, title: 'PromptTemplatePatch', examples: [examples.promptTemplatePatch] },
);
const TemplateSummary = Type.Object(assetFields, { title: 'PromptTemplateSummary' });
const TemplateView = Type.Object({ ...assetFields, template: PromptTemplate }, { title: 'PromptTemplateResource' });
const TemplateVersionSummary = Type.Object(versionFields, { title: 'PromptTemplateVersionSummary' });
const TemplateVersion = Type.Object({ ...versionFields, template: PromptTemplate }, { title: 'PromptTemplateVersion' });

/** `/prompt-templates`: pages that scripts show by `prompt`. */
export function addPromptTemplates(server: AdminServer, deps: AdminDeps): void {
  const { database } = deps;
  const templates = createAssets(deps, {
    kind: 'prompt-template',
    label: 'prompt template',
    newId: () => newId('prompt'),
    describe: ({ name, version, content }) => ({ name, version, template: JSON.parse(content) }),
  });

  server.route({
    method: 'POST',
    url: '/prompt-templates',
    schema: {
      operationId: 'createPromptTemplate',
      tags,
      summary: 'Make a prompt template',
      description:
        'Scripts show it by `prompt(name)`. It holds texts and names, and no markup: our own page shows it. Sign-ins use it from the next publishing of their flow on.',
      body: NewTemplate,
      response: { 201: TemplateView },
    },
    handler: async ({ body: { name, template, note } }, reply) => {
      check({ name, template });
      const made = await templates.create({ name, content: JSON.stringify(template), note });
      sendResource(reply, made).code(201);
      return show(made);
    },
  });

  server.route({
    method: 'GET',
    url: '/prompt-templates',
    schema: {
      operationId: 'listPromptTemplates',
      tags,
      summary: 'List prompt templates',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(TemplateSummary) },
    },
    handler: ({ query }) => {
      const list = (page: { after: string | null; limit: number }) =>
        database.read.scriptAssets.list({ ...page, kind: 'prompt-template' });
      return readPage(query, list, showAssetFields);
    },
  });

  server.route({
    method: 'GET',
    url: '/prompt-templates/:id',
    schema: {
      operationId: 'getPromptTemplate',
      tags,
      summary: 'Read a prompt template',
      params: ById,
      response: { 200: TemplateView },
    },
    handler: async ({ params }, reply) => {
      const template = await templates.get(database.read, params.id);
      sendResource(reply, template);
      return show(template);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/prompt-templates/:id',
    schema: {
      operationId: 'changePromptTemplate',
      tags,
      summary: 'Change a prompt template',
      description:
        'A template is replaced as a whole, and another one is a new version. Flows that are published keep the version that they were published with.',
      params: ById,
      headers: IfMatch,
      body: TemplatePatch,
      response: { 200: TemplateView },
    },
    handler: async ({ params, headers, body: { template, ...patch } }, reply) => {
      check({ ...patch, template });
      const content = template && JSON.stringify(template);
      const changed = await templates.change(params.id, headers['if-match'], { ...patch, content });
      sendResource(reply, changed);
      return show(changed);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/prompt-templates/:id',
    schema: {
      operationId: 'deletePromptTemplate',
      tags,
      summary: 'Delete a prompt template',
      description: 'Flows that are published keep their version of it. One that shows it cannot be published any more.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await templates.delete(params.id, headers['if-match']);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/prompt-templates/:id/versions',
    schema: {
      operationId: 'listPromptTemplateVersions',
      tags,
      summary: 'List the versions of a prompt template, newest first',
      params: ById,
      response: { 200: Type.Object({ items: Type.Array(TemplateVersionSummary) }) },
    },
    handler: async ({ params }) => ({ items: (await templates.listVersions(params.id)).map(showVersionFields) }),
  });

  server.route({
    method: 'GET',
    url: '/prompt-templates/:id/versions/:version',
    schema: {
      operationId: 'getPromptTemplateVersion',
      tags,
      summary: 'Read a version of a prompt template',
      params: ByVersion,
      response: { 200: TemplateVersion },
    },
    handler: async ({ params }) => {
      const version = await templates.getVersion(params.id, params.version);
      return { ...showVersionFields(version), template: JSON.parse(version.content) as PromptTemplate };
    },
  });
}

/** @throws ContentError */
function check({ name, template }: { name?: string | undefined; template?: PromptTemplate | undefined }): void {
  const taken =
    name !== undefined && builtInPrompts.has(name)
      ? [createContentFinding('NAME_TAKEN', '/name', `«${name}» is a prompt that every server has.`)]
      : [];
  const faults = template ? findTemplateFaults(template) : [];
  const wrong = faults.map(({ path, message }) => createContentFinding('INVALID', `/template${path}`, message));
  refuseIfAny([...taken, ...wrong]);
}

function show(template: ScriptAsset) {
  return { ...showAssetFields(template), template: JSON.parse(template.content) as PromptTemplate };
}

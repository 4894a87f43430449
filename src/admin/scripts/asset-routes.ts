import { type TSchema, Type } from 'typebox';
import type { ScriptAsset, ScriptAssetId, ScriptAssetKind } from '../../script-assets/asset.ts';
import type { Finding } from '../../validator/finding.ts';
import { createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { readPage } from '../paging.ts';
import { ById, closed, Findings, IfMatch, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { sendResource } from '../versioning.ts';
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

/** One kind of script assets as a resource of the API. */
export interface AssetResource<Content> {
  kind: ScriptAssetKind;
  /** «script library» and «script libraries»: paths, operations and titles are made from the two. */
  one: string;
  many: string;
  newId(): ScriptAssetId;
  /** What requests and answers call the content. */
  field: 'source' | 'template';
  schema: TSchema;
  /** The content as it is stored, and back. */
  toText(content: Content): string;
  fromText(text: string): Content;
  /** @throws ContentError */
  check(given: { name?: string | undefined; content?: Content | undefined }): void | Promise<void>;
  /** What is not quite right with a content that may be kept; answers carry it where this is given. */
  findOddities?(content: Content): Promise<Finding[]>;
  /** The content for the audit log. */
  describe(content: Content): unknown;
  descriptions: { create: string; change: string; delete: string };
  examples: { create: object; change: object };
}

interface Given {
  name?: string;
  note?: string;
  [field: string]: unknown;
}

/** The routes of one kind of script assets: each new content is a version. */
export function addAssetRoutes<Content>(server: AdminServer, deps: AdminDeps, resource: AssetResource<Content>): void {
  const { one, many, kind, field, schema, descriptions } = resource;
  const { database } = deps;
  const title = pascalCase(one);
  const tags = [many.charAt(0).toUpperCase() + many.slice(1)];
  const url = `/${many.replaceAll(' ', '-')}`;
  const assets = createAssets(deps, {
    ...{ kind, label: one, newId: resource.newId },
    describe: ({ name, version, content }) => ({
      ...{ name, version },
      [field]: resource.describe(resource.fromText(content)),
    }),
  });

  const body = (required: boolean, name: string, example: object) =>
    Type.Unsafe<Given>(
      Type.Object(
        required
          ? { name: AssetName, [field]: schema, note: AssetNote }
          : { name: Type.Optional(AssetName), [field]: Type.Optional(schema), note: AssetNote },
        { ...closed, title: name, examples: [example] },
      ),
    );
  const Summary = Type.Object(assetFields, { title: `${title}Summary` });
  const View = Type.Object({ ...assetFields, [field]: schema }, { title: `${title}Resource` });
  const Checked = resource.findOddities
    ? Type.Interface([View], { findings: Findings }, { title: `Checked${title}` })
    : View;
  const VersionSummary = Type.Object(versionFields, { title: `${title}VersionSummary` });
  const Version = Type.Object({ ...versionFields, [field]: schema }, { title: `${title}Version` });

  const show = (asset: ScriptAsset) => ({ ...showAssetFields(asset), [field]: resource.fromText(asset.content) });
  const showChecked = async (asset: ScriptAsset) => {
    const findings = await resource.findOddities?.(resource.fromText(asset.content));
    return { ...show(asset), ...(findings ? { findings } : {}) };
  };

  server.route({
    method: 'POST',
    url,
    schema: {
      operationId: `create${title}`,
      tags,
      summary: `Make a ${one}`,
      description: descriptions.create,
      body: body(true, `New${title}`, resource.examples.create),
      response: { 201: Type.Unsafe<object>(Checked) },
    },
    handler: async ({ body: { name = '', note, ...rest } }, reply) => {
      const content = rest[field] as Content;
      await resource.check({ name, content });
      const made = await assets.create({ name, content: resource.toText(content), note });
      sendResource(reply, made).code(201);
      return showChecked(made);
    },
  });

  server.route({
    method: 'GET',
    url,
    schema: {
      operationId: `list${pascalCase(many)}`,
      tags,
      summary: `List ${many}`,
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(Summary) },
    },
    handler: ({ query }) => {
      const list = (page: { after: string | null; limit: number }) =>
        database.read.scriptAssets.list({ ...page, kind });
      return readPage(query, list, showAssetFields);
    },
  });

  server.route({
    method: 'GET',
    url: `${url}/:id`,
    schema: {
      operationId: `get${title}`,
      tags,
      summary: `Read a ${one}`,
      params: ById,
      response: { 200: Type.Unsafe<object>(View) },
    },
    handler: async ({ params }, reply) => {
      const asset = await assets.get(database.read, params.id);
      sendResource(reply, asset);
      return show(asset);
    },
  });

  server.route({
    method: 'PATCH',
    url: `${url}/:id`,
    schema: {
      operationId: `change${title}`,
      tags,
      summary: `Change a ${one}`,
      description: descriptions.change,
      params: ById,
      headers: IfMatch,
      body: body(false, `${title}Patch`, resource.examples.change),
      response: { 200: Type.Unsafe<object>(Checked) },
    },
    handler: async ({ params, headers, body: { name, note, ...rest } }, reply) => {
      const content = rest[field] as Content | undefined;
      await resource.check({ name, content });
      const text = content === undefined ? undefined : resource.toText(content);
      const changed = await assets.change(params.id, headers['if-match'], { name, content: text, note });
      sendResource(reply, changed);
      return showChecked(changed);
    },
  });

  server.route({
    method: 'DELETE',
    url: `${url}/:id`,
    schema: {
      operationId: `delete${title}`,
      tags,
      summary: `Delete a ${one}`,
      description: descriptions.delete,
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await assets.delete(params.id, headers['if-match']);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: `${url}/:id/versions`,
    schema: {
      operationId: `list${title}Versions`,
      tags,
      summary: `List the versions of a ${one}, newest first`,
      params: ById,
      response: { 200: Type.Object({ items: Type.Array(VersionSummary) }) },
    },
    handler: async ({ params }) => ({ items: (await assets.listVersions(params.id)).map(showVersionFields) }),
  });

  server.route({
    method: 'GET',
    url: `${url}/:id/versions/:version`,
    schema: {
      operationId: `get${title}Version`,
      tags,
      summary: `Read a version of a ${one}`,
      params: ByVersion,
      response: { 200: Type.Unsafe<object>(Version) },
    },
    handler: async ({ params }) => {
      const version = await assets.getVersion(params.id, params.version);
      return { ...showVersionFields(version), [field]: resource.fromText(version.content) };
    },
  });
}

/** @throws ContentError for a name that every server has, and for what is wrong with the template itself */
export function checkTemplate(
  what: string,
  builtIn: ReadonlyMap<string, unknown>,
  name: string | undefined,
  faults: readonly { path: string; message: string }[],
): void {
  const taken =
    name !== undefined && builtIn.has(name)
      ? [createContentFinding('NAME_TAKEN', '/name', `«${name}» is a ${what} that every server has.`)]
      : [];
  const wrong = faults.map(({ path, message }) => createContentFinding('INVALID', `/template${path}`, message));
  refuseIfAny([...taken, ...wrong]);
}

/** «script library»: `ScriptLibrary` */
function pascalCase(words: string): string {
  return words.replace(/(?:^| )(\w)/g, (_, first: string) => first.toUpperCase());
}

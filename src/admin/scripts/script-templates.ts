import { readdirSync, readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { AppError } from '../../kernel/errors.ts';
import { Scenario } from '../../lab/dry-run-types.ts';
import { MailTemplate } from '../../script-assets/mail-template.ts';
import { PromptTemplate } from '../../script-assets/prompt-template.ts';
import { SignInFlow } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

const TemplateSummary = Type.Object(
  {
    id: Type.String({ description: 'Its folder under `scripts/`.' }),
    title: Type.String(),
  },
  { title: 'ScriptTemplateSummary' },
);
const Template = Type.Interface(
  [TemplateSummary],
  {
    about: Type.String({ description: 'What it does, when to take it, and the steps it needs. Markdown.' }),
    script: Type.String(),
    steps: Type.Index(SignInFlow, ['steps']),
    promptTemplates: Type.Array(Type.Object({ name: Type.String(), template: PromptTemplate }), {
      description: 'Those that it shows: make them first.',
    }),
    mailTemplates: Type.Array(Type.Object({ name: Type.String(), template: MailTemplate }), {
      description: 'Those that it sends.',
    }),
    scenarios: Type.Array(Type.Object({ name: Type.String(), scenario: Scenario, expect: Type.Unknown() }), {
      description: 'Dry runs that prove it, each with the part of the answer that must match.',
    }),
  },
  { title: 'ScriptTemplate' },
);
const folder = new URL('../../../scripts/', import.meta.url);

/** `/script-templates`: the scripts that come with the server, to begin with. */
export function addScriptTemplates(server: AdminServer): void {
  const templates = new Map(readdirSync(folder).map((id) => [id, readTemplate(id)]));
  const tags = ['Scripts'];

  server.route({
    method: 'GET',
    url: '/script-templates',
    schema: {
      operationId: 'listScriptTemplates',
      tags,
      summary: 'List the scripts that come with the server',
      response: { 200: Type.Object({ items: Type.Array(TemplateSummary) }) },
    },
    handler: async () => ({ items: [...templates.values()].map(({ id, title }) => ({ id, title })) }),
  });

  server.route({
    method: 'GET',
    url: '/script-templates/:id',
    schema: {
      operationId: 'getScriptTemplate',
      tags,
      summary: 'Read a script that comes with the server',
      description: 'With the steps it is written for and the scenarios that prove it.',
      params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
      response: { 200: Template },
    },
    handler: async ({ params: { id } }) => {
      const template = templates.get(id);
      if (!template) throw new AppError('NOT_FOUND', { detail: `There is no script template «${id}».` });
      return template;
    },
  });
}

function readTemplate(id: string) {
  const read = (name: string) => readFileSync(new URL(`${id}/${name}`, folder), 'utf8');
  const [title = '', ...rest] = read('about.md').split('\n');
  const { steps, items, promptTemplates = [], mailTemplates = [] } = JSON.parse(read('cases.json'));
  return {
    id,
    title: title.replace(/^# /, ''),
    about: rest.join('\n').trim(),
    script: read('script.js'),
    steps,
    promptTemplates: promptTemplates.map(withoutVersion),
    mailTemplates: mailTemplates.map(withoutVersion),
    scenarios: items,
  };
}

/** As a server takes it that makes it anew. */
function withoutVersion<T>({ name, template }: { name: string; template: T }): { name: string; template: T } {
  return { name, template };
}

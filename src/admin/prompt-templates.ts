import { newId } from '../kernel/ids.ts';
import { builtInPrompts, findTemplateFaults, PromptTemplate } from '../script-assets/prompt-template.ts';
import { addAssetRoutes } from './asset-routes.ts';
import { createContentFinding, refuseIfAny } from './content-error.ts';
import type { AdminDeps } from './deps.ts';
import { examples } from './examples.ts';
import type { AdminServer } from './server.ts';

/** `/prompt-templates`: pages that scripts show by `prompt`. */
export function addPromptTemplates(server: AdminServer, deps: AdminDeps): void {
  addAssetRoutes<PromptTemplate>(server, deps, {
    kind: 'prompt-template',
    one: 'prompt template',
    many: 'prompt templates',
    newId: () => newId('prompt'),
    field: 'template',
    schema: PromptTemplate,
    toText: JSON.stringify,
    fromText: JSON.parse,
    check,
    describe: (template) => template,
    descriptions: {
      create:
        'Scripts show it by `prompt(name)`. It holds texts and names, and no markup: our own page shows it. Sign-ins use it from the next publishing of their flow on.',
      change:
        'A template is replaced as a whole, and another one is a new version. Flows that are published keep the version that they were published with.',
      delete: 'Flows that are published keep their version of it. One that shows it cannot be published any more.',
    },
    examples: { create: examples.newPromptTemplate, change: examples.promptTemplatePatch },
  });
}

function check({ name, content }: { name?: string | undefined; content?: PromptTemplate | undefined }): void {
  const taken =
    name !== undefined && builtInPrompts.has(name)
      ? [createContentFinding('NAME_TAKEN', '/name', `«${name}» is a prompt that every server has.`)]
      : [];
  const faults = content ? findTemplateFaults(content) : [];
  const wrong = faults.map(({ path, message }) => createContentFinding('INVALID', `/template${path}`, message));
  refuseIfAny([...taken, ...wrong]);
}

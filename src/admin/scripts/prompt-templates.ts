import { newId } from '../../kernel/ids.ts';
import { builtInPrompts, findTemplateFaults, PromptTemplate } from '../../script-assets/prompt-template.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import type { AdminServer } from '../server.ts';
import { addAssetRoutes, checkTemplate } from './asset-routes.ts';

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
    check: ({ name, content }) =>
      checkTemplate('prompt', builtInPrompts, name, content ? findTemplateFaults(content) : []),
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

import { newId } from '../../kernel/ids.ts';
import { builtInMails, findMailFaults, MailTemplate } from '../../script-assets/mail-template.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import type { AdminServer } from '../server.ts';
import { addAssetRoutes, checkTemplate } from './asset-routes.ts';

/** `/mail-templates`: mails that scripts send by `sendEmail`. */
export function addMailTemplates(server: AdminServer, deps: AdminDeps): void {
  addAssetRoutes<MailTemplate>(server, deps, {
    kind: 'mail-template',
    one: 'mail template',
    many: 'mail templates',
    newId: () => newId('mailtemplate'),
    field: 'template',
    schema: MailTemplate,
    toText: JSON.stringify,
    fromText: JSON.parse,
    check: ({ name, content }) => checkTemplate('mail', builtInMails, name, content ? findMailFaults(content) : []),
    describe: (template) => template,
    descriptions: {
      create:
        'Scripts send it by `sendEmail(user, name, placeholders)`. It holds texts and no markup; `{username}`, `{application}` and `{login-time}` are filled in any case. Sign-ins use it from the next publishing of their flow on.',
      change:
        'A template is replaced as a whole, and another one is a new version. Flows that are published keep the version that they were published with.',
      delete: 'Flows that are published keep their version of it. One that sends it cannot be published any more.',
    },
    examples: { create: examples.newMailTemplate, change: examples.mailTemplatePatch },
  });
}

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { Settings } from '../settings.ts';

/** The parts of the API, in the order in which they are read. */
export const apiTags = [
  { name: 'Applications', description: 'What people sign in to: OpenID Connect clients.' },
  {
    name: 'Sign-in flows',
    description: 'The steps and the script that decide a sign-in: drafts, versions, checks and dry runs.',
  },
  {
    name: 'Scenarios',
    description:
      'What must come of which sign-in: stored beside the flow, played before it is published, kept with it.',
  },
  {
    name: 'Script libraries',
    description: 'Modules that sign-in scripts share: they load them by `require`.',
  },
  {
    name: 'Prompt templates',
    description: 'Pages between the steps, which scripts show by `prompt`.',
  },
  {
    name: 'Mail templates',
    description: 'Mails to the people who sign in, which scripts send by `sendEmail`.',
  },
  {
    name: 'Connections',
    description: 'Identity providers whose people may sign in, and what Just-in-Time provisioning does with them.',
  },
  {
    name: 'Users',
    description: 'People who have an account here, with their attributes, factors and linked accounts.',
  },
  {
    name: 'Roles and groups',
    description: 'What people may do, and which of them belong together. Scripts ask for both by name.',
  },
  {
    name: 'Sessions',
    description: 'Browsers in which people are signed in: what other applications need not ask again.',
  },
  { name: 'History', description: 'Sign-ins as they went, and the audit log.' },
  {
    name: 'Scripts',
    description: 'What scripts may say, and scripts that come with the server, each with the scenarios that prove it.',
  },
  { name: 'Secrets', description: 'Values that scripts send to other servers, and that nobody gets to see.' },
  { name: 'Settings', description: 'How the server was started.' },
] as const;

/** What holds for all of it. */
export const apiDescription =
  'Lists take `limit` and `cursor` and answer `{items, next}`. PATCH merges, nested objects too. Every resource has an ETag; send it as If-Match, and nothing is overwritten that somebody else changed meanwhile. Errors are problem details (RFC 9457) with a stable `code` and the `findings` that name each place. Every write is in the audit log.';

/** The document `/api/openapi.json` is made from the routes; this is what they cannot say. */
export function describeApi({ publicUrl }: Pick<Settings, 'publicUrl'>): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Stepgate admin API',
        version: '1',
        description: apiDescription,
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'The value of STEPGATE_ADMIN_TOKEN.' },
        },
      },
      security: [{ token: [] }],
      tags: [...apiTags],
    },
  };
}

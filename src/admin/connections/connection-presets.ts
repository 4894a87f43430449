import { Type } from 'typebox';
import { listPresets } from '../../connections/presets.ts';
import { closed, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

const PresetView = Type.Object(
  {
    name: Type.String(),
    type: Type.String(),
    label: Type.String(),
    authenticator: Type.String({ description: 'The name that scripts see.' }),
    madeAt: Type.String({ description: 'Where our client is made at the provider.' }),
    steps: Type.Array(Type.String(), {
      description:
        'What to do there. `{callbackUrl}`, `{metadataUrl}`, `{logoutUrl}` and `{signedOutUrl}` stand for the connection’s own.',
    }),
    required: Type.Array(Type.String(), { description: 'Fields that have no default.' }),
    traps: Type.Array(Type.String(), { description: 'What surprises people about this provider.' }),
    defaults: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'ConnectionPreset' },
);

/** `/connection-presets`: the kinds of identity provider that a connection can be made to. */
export function addConnectionPresets(server: AdminServer): void {
  server.route({
    method: 'GET',
    url: '/connection-presets',
    schema: {
      operationId: 'listConnectionPresets',
      tags: ['Connections'],
      summary: 'List the known identity providers, with what to do there',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(PresetView) },
    },
    handler: async () => ({
      items: listPresets().map(({ steps, required, traps, defaults, ...preset }) => ({
        ...preset,
        steps: [...steps],
        required: [...required],
        traps: [...traps],
        defaults: { ...defaults },
      })),
    }),
  });
}

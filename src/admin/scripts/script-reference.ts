import { Type } from 'typebox';
import type { ScriptReference } from '../../script-api/reference.ts';
import type { AdminDeps } from '../deps.ts';
import { nullable } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

const Names = Type.Array(Type.String());

const ScriptReferenceView = Type.Unsafe<ScriptReference>(
  Type.Object(
    {
      functions: Type.Array(
        Type.Object({
          name: Type.String(),
          group: Type.String(),
          summary: Type.String(),
          aliases: Names,
          deprecated: nullable(Type.String(), 'What to use instead.'),
          effect: Type.Enum(['reads', 'changes', 'sends', 'asks', 'tells', 'shows', 'steers']),
          parameters: Type.Array(
            Type.Object({
              name: Type.String(),
              type: Type.String({ description: 'In TypeScript.' }),
              expected: Type.String(),
              summary: Type.String(),
              optional: Type.Boolean(),
              most: nullable(Type.Integer(), 'How many names an object may have.'),
            }),
          ),
          tenantInFront: Type.Boolean({ description: 'May the tenant stand in front of them, by its name?' }),
          limits: Type.Array(Type.String(), {
            description: 'Names of the limits that a call counts against, besides the time and memory of its turn.',
          }),
          ownLimits: Type.Array(
            Type.Object({
              name: Type.String(),
              value: Type.Number(),
              unit: Type.String(),
              summary: Type.String({ description: 'What is bounded, and what comes of more.' }),
            }),
            { description: 'Limits that are the function’s own.' },
          ),
          dryRun: Type.Object(
            {
              summary: Type.String(),
              stated: nullable(
                Type.Enum(['functions', 'prompts', 'steps']),
                'The part of a scenario that states the answer; null where nobody can answer otherwise.',
              ),
              unstated: Type.Enum(['run', 'fake', 'null', 'wait'], {
                description:
                  'What answers where the scenario states nothing: the function, from the scenario and the stored people; a fake, marked in the trace; null; or nobody, and the run ends as waiting.',
              }),
              recorded: Type.Boolean({ description: 'Is the call told among the effects?' }),
            },
            { description: 'What a dry run does with a call.' },
          ),
          handlers: nullable(
            Type.Object({
              given: Type.Enum(['when given', 'always']),
              names: Type.Union([Names, Type.Literal('any')]),
            }),
            'The callbacks that it takes.',
          ),
          result: Type.Object({ type: Type.String(), summary: Type.String() }),
          example: Type.String({ description: 'A whole script.' }),
        }),
      ),
      objects: Type.Array(
        Type.Object({
          name: Type.String(),
          expression: Type.String(),
          summary: Type.String(),
          members: Type.Array(
            Type.Object({
              name: Type.String(),
              typescript: Type.String(),
              access: Type.Enum(['read', 'write', 'write and delete']),
              summary: Type.String(),
            }),
          ),
        }),
      ),
      authenticators: Type.Array(
        Type.Object({
          name: Type.String(),
          aliases: Names,
          label: Type.String(),
          available: Type.Boolean(),
          parameters: Type.Array(Type.Object({ name: Type.String(), summary: Type.String() })),
        }),
      ),
      outcomes: Type.Array(
        Type.Object({ outcome: Type.String(), handlers: Names, unanswered: Type.Enum(['go on', 'fail']) }),
      ),
      verdicts: Type.Array(Type.Object({ rule: Type.String(), summary: Type.String() })),
      limits: Type.Array(
        Type.Object({
          name: Type.String(),
          value: Type.Number(),
          unit: Type.String(),
          code: Type.Union([Type.String(), Type.Null()], {
            description: 'The error code of a sign-in or a call that met it; null where something is left out instead.',
          }),
          summary: Type.String(),
        }),
      ),
    },
    { title: 'ScriptReference' },
  ),
);

/** `/script-reference`: everything that a script may say, as data. */
export function addScriptReference(server: AdminServer, { scriptReference }: AdminDeps): void {
  server.route({
    method: 'GET',
    url: '/script-reference',
    schema: {
      operationId: 'getScriptReference',
      tags: ['Scripts'],
      summary: 'Read what scripts may say',
      description: 'The same to read is at `/api/docs/scripts`.',
      response: { 200: ScriptReferenceView },
    },
    handler: async () => scriptReference,
  });
}

import { nameOfToday } from '../../kernel/authenticator-names.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import { defineFunction } from '../definition.ts';
import { ScriptCallError } from '../read-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const filterAuthenticators = defineFunction({
  name: 'filterAuthenticators',
  group: 'helpers',
  summary: 'The options of a step without those of one authenticator, for `authenticationOptions`.',
  parameters: [
    { name: 'options', type: 'value', summary: 'Options such as `context.steps[1].options`.' },
    {
      name: 'exclude',
      type: 'text',
      summary: 'The authenticator to leave out, by its name or an older one such as `basic`.',
    },
  ],
  tenantInFront: true,
  result: {
    typescript: '{ authenticator?: string; idp?: string }[]',
    summary: 'Local ones by `authenticator`, connections by `idp`.',
  },
  effect: 'reads',
  domain: 'computed',
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    executeStep(2, { authenticationOptions: filterAuthenticators(context.steps[2].options, 'totp') }, {});
  } });
};`,
  async run(_world: ScriptWorld, options: unknown, exclude: string) {
    const list = Array.isArray(options) ? options : Object.values(Object(options));
    return list.map(readOption).flatMap(({ idp, authenticator }) => {
      if (authenticator !== undefined && nameOfToday(authenticator) === nameOfToday(exclude)) return [];
      return [idp === undefined || idp === localIdp ? { authenticator } : { idp }];
    });
  },
});

function readOption(option: unknown): { idp: string | undefined; authenticator: string | undefined } {
  const { idp, authenticator } = Object(option) as Record<string, unknown>;
  const names = { idp: textOf(idp), authenticator: textOf(authenticator) };
  if (names.idp !== undefined || names.authenticator !== undefined) return names;
  throw new ScriptCallError('filterAuthenticators: options must be a list such as context.steps[1].options.');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

import { defineFunction } from '../definition.ts';
import { secretsWithoutValue } from '../fakes.ts';
import type { ScriptWorld } from '../world.ts';

export const compareSecret = defineFunction({
  name: 'compareSecret',
  group: 'libraries and secrets',
  summary:
    'Is this text the value of the secret? Comparing by `==` never is true: a script holds only what stands for the value.',
  parameters: [
    { name: 'secret', type: 'text', summary: 'A secret, such as `secrets.PARTNER_KEY`.' },
    { name: 'text', type: 'text or null', secret: true, summary: 'What to compare it with; null is never equal.' },
  ],
  result: { typescript: 'boolean', summary: 'True when they are the same.' },
  effect: 'reads',
  fake: secretsWithoutValue,
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1);
  if (!compareSecret(secrets.PARTNER_KEY, context.request.headers['x-partner-key'] || '')) { executeStep(2); }
};`,
  async run(world: ScriptWorld, secret: string, text: string | null) {
    return text !== null && (await world.secrets.compare(secret, text));
  },
});

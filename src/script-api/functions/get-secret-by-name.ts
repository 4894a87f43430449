import { defineFunction } from '../definition.ts';
import { secretsWithoutValue } from '../fakes.ts';
import { describeMissingSecret } from '../missing-secret.ts';
import { ScriptCallError } from '../read-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const getSecretByName = defineFunction({
  name: 'getSecretByName',
  group: 'libraries and secrets',
  summary:
    'A secret of the organisation, to be sent with httpGet, httpPost and the like; `secrets.NAME` is the same. The script gets a text that stands for the value: the value itself is put in while sending, and is in no log, journal or page. compareSecret compares it.',
  parameters: [{ name: 'name', type: 'text', names: 'secret', summary: 'The name of the secret.' }],
  result: { typescript: 'string', summary: 'The text that stands for the value.' },
  effect: 'reads',
  fake: secretsWithoutValue,
  domain: ['secret'],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    httpGet('https://risk.example.com/score', { 'X-Api-Key': getSecretByName('RISK_KEY') }, {
      onSuccess: function (context, data) { if (data.score > 50) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  async run(world: ScriptWorld, name: string) {
    const placeholder = await world.secrets.find(name);
    if (placeholder !== null) return placeholder;
    throw new ScriptCallError(`getSecretByName: ${describeMissingSecret(name)}`);
  },
});

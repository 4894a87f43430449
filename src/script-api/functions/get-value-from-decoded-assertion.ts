import { defineFunction } from '../definition.ts';
import { parseJson } from '../http/json.ts';
import { jsonLimits } from '../http/limits.ts';
import type { ScriptWorld } from '../world.ts';

export const getValueFromDecodedAssertion = defineFunction({
  name: 'getValueFromDecodedAssertion',
  group: 'helpers',
  summary: 'A value out of a JWT, as text. The signature is not checked: nothing in it is proven.',
  parameters: [
    { name: 'jwt', type: 'text', summary: 'A JWT in the compact form (RFC 7519).' },
    { name: 'name', type: 'text', summary: 'The name of the value.' },
    { name: 'inPayload', type: 'boolean', summary: 'True for the payload, false for the header.' },
  ],
  result: { typescript: 'string', summary: 'Objects and lists as JSON; an empty text when there is no such value.' },
  limits: jsonLimits,
  effect: 'reads',
  domain: 'computed',
  example: `var onLoginRequest = function (context) {
  var request = context.request.params.request;
  var amount = request ? getValueFromDecodedAssertion(request[0], 'amount', true) : getValueFromDecodedAssertion('', 'amount', true);
  executeStep(1);
  if (Number(amount) > 1000) { executeStep(2); }
};`,
  async run(_world: ScriptWorld, jwt: string, name: string, inPayload: boolean) {
    const parts = jwt.split('.');
    if (parts.length !== 3) return '';
    const read = parseJson(Buffer.from(parts[inPayload ? 1 : 0] ?? '', 'base64url').toString());
    const values = 'value' in read ? read.value : null;
    if (typeof values !== 'object' || values === null || Array.isArray(values) || !Object.hasOwn(values, name))
      return '';
    const value = (values as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : JSON.stringify(value);
  },
});

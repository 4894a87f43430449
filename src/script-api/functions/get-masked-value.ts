import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const getMaskedValue = defineFunction({
  name: 'getMaskedValue',
  group: 'helpers',
  summary: 'A text with all but its ends hidden, for logs: `a*n` for `ann`, `a***e` for `alice`.',
  parameters: [{ name: 'value', type: 'text', summary: 'The text.' }],
  result: {
    typescript: 'string',
    summary: 'As long as the text, with `*` for all but the first and the last character.',
  },
  effect: 'reads',
  domain: 'computed',
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    Log.info(getMaskedValue(context.currentKnownSubject.username));
  } });
};`,
  async run(_world: ScriptWorld, value: string) {
    const letters = [...value];
    if (letters.length < 3) return '*'.repeat(letters.length);
    return `${letters[0]}${'*'.repeat(letters.length - 2)}${letters.at(-1)}`;
  },
});

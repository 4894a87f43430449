import { defineFunction } from '../definition.ts';

export const selectAcrFrom = defineFunction({
  name: 'selectAcrFrom',
  group: 'steps',
  summary: 'Of the ACR values that the application asks for, the one that stands first in the list.',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context.' },
    { name: 'acrs', type: 'texts', summary: 'ACR values, the most wanted first.' },
  ],
  result: { typescript: 'string | null', summary: 'Null when the application asks for none of them.' },
  effect: 'steers',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  context.selectedAcr = selectAcrFrom(context, ['urn:stepgate:2fa', 'urn:stepgate:1fa']);
  executeStep(1);
  if (context.selectedAcr === 'urn:stepgate:2fa') { executeStep(2); }
};`,
});

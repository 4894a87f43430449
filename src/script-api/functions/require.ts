import { defineFunction } from '../definition.ts';

/** CommonJS; the engine has it. */
export const requireLibrary = defineFunction({
  name: 'require',
  aliases: ['loadLocalLibrary'],
  group: 'libraries and secrets',
  summary:
    'Loads a script library of the organisation, in the version that the flow was published with. A library runs once in a sign-in, with the functions and within the limits of the script.',
  parameters: [{ name: 'library', type: 'text', summary: 'The name of the library, with or without `.js`.' }],
  result: { typescript: 'any', summary: 'What the library exports.' },
  effect: 'steers',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  var greetings = require('greetings.js');
  executeStep(1, { onSuccess: function (context) {
    Log.info(greetings.hello(context.currentKnownSubject.username));
  } });
};`,
});

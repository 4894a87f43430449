import { mailPace } from '../../directory/throttling.ts';
import { hour, minute } from '../../kernel/clock.ts';
import { defineFunction, type FunctionLimits } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

const limits = {
  mails: {
    value: mailPace.free + 1,
    unit: 'mails',
    summary: `To one person in a row; beyond it false, until ${mailPace.firstWait / minute} to ${mailPace.longestWait / minute} minutes have gone by. After ${mailPace.forgottenAfter / hour} hour without one the count starts anew.`,
  },
} as const satisfies FunctionLimits;

export const sendEmail = defineFunction({
  name: 'sendEmail',
  group: 'credentials and mail',
  summary:
    'Sends the person a mail made of a mail template, in their language, to the verified address of their account and to no other. It is sent in the background: the sign-in does not wait for the mail server.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'templateId', type: 'text', summary: 'The name of a mail template, or `UnseenDeviceLogin`.' },
    {
      name: 'placeholders',
      type: 'texts by name',
      optional: true,
      summary:
        'Values for the places of the template, as text: nothing in them becomes markup. `username`, `application` and `login-time` are there without it.',
    },
  ],
  result: {
    typescript: 'boolean',
    summary: 'False when the person has no verified address, or was sent too many mails of late.',
  },
  limits,
  effect: 'sends',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    sendEmail(context.currentKnownSubject, 'new-device', { ip: context.request.ip });
  } });
};`,
  async run(world: ScriptWorld, ref: string, template: string, placeholders: Record<string, string> = {}) {
    return world.mails.send(ref, template, placeholders);
  },
});

import { passwordRules } from '../../directory/password-rules.ts';
import { type CallAnswer, defineFunction, type FunctionLimits } from '../definition.ts';
import type { Preparation, Refusal, ScriptWorld } from '../world.ts';

const { minCharacters, maxBytes } = passwordRules;
const limits = {
  shortest: {
    value: minCharacters,
    unit: 'characters',
    summary: 'At least so many; fewer are refused, unless `skipValidation` is true.',
  },
  longest: { value: maxBytes, unit: 'bytes', summary: 'Of the password in UTF-8; a longer one is refused.' },
} as const satisfies FunctionLimits;

type Prepared = Awaited<ReturnType<Preparation['hashPassword']>>;

export const updateUserPassword = defineFunction({
  name: 'updateUserPassword',
  group: 'credentials and mail',
  summary:
    'Gives the account of the person another password. It has to keep the rules for new passwords (long enough, none that is known from leaks, not the name of the account). Their other sign-ins, sessions and tokens end, those for offline access wherever they are. With handlers it waits in the queue like a step, and `onSuccess` or `onFail` gets to know.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    {
      name: 'newPassword',
      type: 'text',
      secret: true,
      summary: 'What the person typed, as `context.request.params.password[0]` shows it, or a text.',
    },
    {
      name: 'skipValidation',
      type: 'boolean',
      optional: true,
      behindHandlers: true,
      summary:
        'Behind the callbacks, if there are any. True takes a password that breaks the rules: one that the person has had elsewhere.',
    },
  ],
  result: {
    typescript: 'boolean',
    summary:
      'Without handlers: was it set? Not where it breaks the rules, nor for people without an account or with an administration role.',
  },
  limits,
  effect: 'changes',
  handlers: 'when given',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    updateUserPassword(context.currentKnownSubject, context.request.params.password[0], {
      onSuccess: function (context) { Log.info('From now on the password is ours.'); },
      onFail: function (context) { Log.warn('The password stays where it is.'); }
    });
  } });
};`,
  prepare(preparation: Preparation, ref: string, password: string, skipRules = false) {
    return preparation.hashPassword(ref, password, { skipRules });
  },
  async run(
    world: ScriptWorld,
    ref: string,
    _password: string,
    _skipRules: boolean | undefined,
    prepared: Prepared,
  ): Promise<CallAnswer> {
    const refusal = 'hash' in prepared ? await world.people.setPassword(ref, prepared.hash) : prepared.refusal;
    return refusal ? refused(refusal) : { outcome: 'success', data: true };
  },
});

function refused(failure: Refusal): CallAnswer {
  return { outcome: 'fail', data: false, failure };
}

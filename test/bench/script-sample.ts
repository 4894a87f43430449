import { type Bundle, defaultLimits, type Entry, type Question, type Reply } from '../../sandbox/protocol.ts';
import { guestFunctions, guestSteering } from '../../src/script-api/index.ts';

/* The sign-in whose script is measured: a password, then a second step for local people. */

export const limits = { ...defaultLimits, entries: 1000 };
const local = { idp: 'LOCAL', authenticator: 'BasicAuthenticator' };
const app = { idp: 'LOCAL', authenticator: 'totp' };

/** The mission's script where `questions` is 0; else one that asks the directory so often before the second step. */
export function scriptText(questions: number): string {
  return `var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var roles = 0;
      for (var i = 0; i < ${questions}; i++) if (hasRole(context.steps[1].subject, 'role ' + i)) roles++;
      if (context.steps[1].idp == 'LOCAL') executeStep(2);
    },
  });
};`;
}

export function makeBundle(questions: number): Bundle {
  return {
    script: scriptText(questions),
    functions: guestFunctions,
    steering: guestSteering,
    steps: [{ options: [local] }, { options: [app] }],
    tenantDomain: 'carbon.super',
    serviceProviderName: 'Payroll',
    hashKey: '',
  };
}

/** What the world says of a question; null for a step, which waits for the person. */
export function answerQuestion({ op }: Pick<Question, 'op'>): Reply {
  if (op === 'start') return { answer: JSON.stringify({ at: 1_700_000_000_000, seed: 7, request: {} }) };
  return op === 'step' ? { wait: true } : { answer: 'false' };
}

/** The entry of a step that the person has passed. */
export function passStep({ op, args }: Pick<Question, 'op' | 'args'>): Entry {
  const [step] = JSON.parse(args) as [number];
  const answer = { at: 1_700_000_001_000, step, outcome: 'success', proves: true, ...(step === 1 ? local : app) };
  return { op, args, answer: JSON.stringify({ ...answer, user: 'user_1', subject: 'user_1' }), cpuUs: null };
}

import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/**
 * J5: the host decides. Scripts that want to be let in without the second step, each by another of the things that a
 * verdict is made of. The built-ins that our code could stand on are another group: tampering.
 */

const arena = openArena();
const missedSecond = { happens: ['success' as const, 'fail' as const], ends: 'failure: empty-handler' };

describe('nobody is let in by a script that forges', () => {
  arena.table([
    {
      it: 'the outcome, by calling its own handler for it',
      script: login(`const passed = { onSuccess: () => Log.info('inside'), onFail: () => passed.onSuccess() };
        executeStep(1, { onSuccess: () => executeStep(2, passed) });`),
      ...missedSecond,
      logs: ['inside'],
    },
    {
      it: 'the steps that the context remembers',
      script: login(`executeStep(1, { onSuccess: (context) => executeStep(2, { onFail: () => {
        try { context.steps[2] = context.steps[1]; } catch (e) {}
        try { Object.assign(context, { currentStep: 3, steps: { 1: context.steps[1], 2: { subject: {}, proves: true } } }); } catch (e) {}
      } }) });`),
      ...missedSecond,
    },
    {
      it: 'who has passed, before anybody has',
      script: login(`context.currentKnownSubject = { uniqueId: 'u1', username: 'admin', proves: true };
        context.subject = context.lastAuthenticatedUser = context.currentKnownSubject;
        context.steps[1] = { subject: context.currentKnownSubject, idp: 'LOCAL', authenticator: 'BasicAuthenticator' };`),
      ends: ['failure: no-step', 'SCRIPT_ERROR'],
    },
    {
      it: 'a queue without the step, by cutting the arguments short',
      script: login(`const id = { toJSON: () => 1, valueOf: () => 1 };
        executeStep(1, { onSuccess: () => { executeStep(id, { onFail: () => {} }); executeStep(2, { onFail: () => {} }); } });`),
      happens: ['success', 'success', 'fail'],
      ends: ['failure: empty-handler', 'SCRIPT_ERROR'],
    },
    {
      it: 'an answer, by giving its handlers the names that answers have',
      script: login(`executeStep(1, { onSuccess: () => executeStep(2,
        { outcome: 'success', proves: true, onsuccess: () => {}, __proto__: { onFail: () => {}, onSuccess: () => {} } }) });`),
      happens: ['success', 'fail'],
      ends: ['failure: unanswered', 'SCRIPT_ERROR'],
    },
    {
      it: 'a verdict, by throwing one',
      script: login(`executeStep(1, { onSuccess: () => executeStep(2, { onFail: () => {
        throw { result: 'success', kind: 'ends', verdict: { result: 'success' }, toString: () => 'success' }; } }) });`),
      happens: ['success', 'fail'],
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'a verdict, by giving one back from its entry',
      script: login(`return { kind: 'ends', verdict: { result: 'success' }, 0: 'done', length: 2 };`),
      ends: 'failure: no-step',
    },
    {
      it: 'a way back from its own refusal',
      script: login(`executeStep(1, { onSuccess: () => {
        fail(); try { fail = () => {}; } catch (e) {} executeStep(2); Promise.resolve().then(() => executeStep(1)); } });`),
      happens: ['success', 'success'],
      ends: 'failure: fail',
    },
  ]);
});

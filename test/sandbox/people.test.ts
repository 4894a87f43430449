import { expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import type { Entry, Question } from '../../sandbox/protocol.ts';
import { expectPrefixLaw } from './prefix-law.ts';
import { bundle, createWorld, ending, lines, login, patient, playWhole } from './world.ts';

/** J9: one context, one object for each person; a person is one entry in each turn that looks, and one for each write. */

/** A world in which somebody gives the person another mail address between two turns. */
function playWhilePeopleChange(script: string) {
  const world = createWorld();
  let loads = 0;
  const journal: Entry[] = [];
  const made = bundle(login(script));
  const result = play(made, journal, patient, (question: Question) => {
    const reply = world.answer(question);
    if (question.op !== 'user.load' || !('answer' in reply)) return reply;
    const person = JSON.parse(reply.answer);
    return { answer: JSON.stringify({ ...person, username: `ann, read ${++loads} times` }) };
  });
  expect(ending(result)).toBe('success');
  expectPrefixLaw({ bundle: made, journal, result });
  return { entries: journal.map(({ op }) => op), said: lines(result) };
}

it('in a turn a person is read once, whatever is asked of them; in the next turn anew', () => {
  const { entries, said } = playWhilePeopleChange(`executeStep(1, { onSuccess: () => {
    const user = context.currentKnownSubject;
    Log.info(user.username, user.roles.length, Object.keys(user.localClaims).length, JSON.stringify(user).length > 9);
    Log.info(context.steps[1].subject.username);
    executeStep(2, { onSuccess: () => {
      Log.info(user.username, context.currentKnownSubject === user);
      executeStep(1, { onSuccess: () => {} });
    } });
  } });`);
  expect(entries).toEqual(['start', 'step', 'user.load', 'step', 'user.load', 'step']);
  expect(said).toEqual(['ann, read 1 times 2 1 true', 'ann, read 1 times', 'ann, read 2 times true']);
});

it('each write is an entry, and what is read after it in the turn sees it without another', () => {
  const { entries, said } = playWhilePeopleChange(`executeStep(1, { onSuccess: () => {
    const { localClaims } = context.currentKnownSubject;
    localClaims.nickname = 'Annie'; localClaims.nickname = 'Ann'; delete localClaims.emailaddress;
    Log.info(localClaims.nickname, localClaims.emailaddress);
  } });`);
  expect(entries).toEqual(['start', 'step', 'user.load', 'user.write', 'user.write', 'user.write']);
  expect(said).toEqual(['Ann undefined']);
});

it('the context of the first turn is that of all turns, and what is set in it for this sign-in is no entry', () => {
  const { entries, said } = playWhilePeopleChange(`const first = context;
  context.selectedAcr = 'low'; context.endpointParams.hint = 1; context.response.headers['X-A'] = 'b';
  Log.info(first.currentStep, first.currentKnownSubject, first.steps[1].idp);
  executeStep(1, { onSuccess: (context) => {
    context.currentKnownSubject.claims.shift = 'late';
    Log.info(first === context, first.currentStep, first.steps[1].idp, first.currentKnownSubject === context.steps[1].subject,
      first.selectedAcr, first.currentKnownSubject.claims.shift);
  } });`);
  expect(entries).toEqual(['start', 'step']);
  expect(said).toEqual(['0 null null', 'true 1 LOCAL true low late']);
});

it('a step that proves nothing names somebody, and makes them nobody’s subject', () => {
  const { said } = playWhilePeopleChange(`executeStep(3, { onSuccess: () => {
    Log.info(context.currentKnownSubject, context.subject, context.steps[3].subject.uniqueId, context.currentStep);
    executeStep(1, { onSuccess: () => { Log.info(context.currentKnownSubject === context.steps[1].subject); } });
  } });`);
  expect(said).toEqual(['null null u1 3', 'true']);
});

it('what a page brought stands over what the application sent, and beside the rest', () => {
  const { result } = playWhole(
    login(`prompt('form', {}, { onSuccess: () => {
      Log.info(context.request.params.scope, context.request.params.pet, context.request.params.login_hint);
    } }); Log.info(context.request.params.scope); executeStep(1);`),
    [{ outcome: 'success', params: { scope: ['page'], pet: ['cat'] } }],
  );
  expect(lines(result)).toEqual(['["openid"]', '["page"] ["cat"] undefined']);
});

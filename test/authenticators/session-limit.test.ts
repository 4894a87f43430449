import { describe, expect, test } from 'vitest';
import type { Form, StepContext } from '../../src/authenticators/authenticator.ts';
import { createSessionLimit } from '../../src/authenticators/session-limit/index.ts';
import { newId, type SessionId } from '../../src/kernel/ids.ts';
import type { SsoSession } from '../../src/sessions/session.ts';
import { anArtifact, aSession } from '../storage/samples.ts';
import { openFixture } from './fixture.ts';

const person = { userId: newId('user') };
const sub = 'the-person';
const success = { kind: 'success', person, amr: [] };
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';

async function openLimit({ own = null as SessionId | null } = {}) {
  const fixture = await openFixture();
  const { clock, database } = fixture;
  const authenticator = createSessionLimit();
  const at = (max: string | undefined, more: Partial<StepContext> = {}) =>
    fixture.context({
      subject: { person, sub, session: own },
      parameters: max === undefined ? {} : { MaxSessionCount: max },
      ...more,
    });
  let count = 0;
  return {
    ...fixture,
    authenticator,
    begin: async (max?: string, more?: Partial<StepContext>) =>
      fixture.settle(await authenticator.begin(at(max, more))),
    answer: async (max: string, form: Form) => fixture.settle(await authenticator.answer(at(max), {}, form)),
    view: (state: object) => authenticator.view(at('1'), { ...state }),
    async open(of: Partial<SsoSession> = {}) {
      const loginTime = clock.now() - 60_000 + ++count;
      const session = aSession({
        subject: sub,
        userAgent: firefox,
        loginTime,
        lastAccessTime: loginTime,
        expiresAt: clock.now() + 60_000,
        ...of,
      });
      await database.unit(async (stores) => {
        await stores.sessions.insert(session);
        await stores.artifacts.upsert(anArtifact({ model: 'Session', uid: session.browserUid }));
      });
      return session.id;
    },
    left: async () => (await database.read.sessions.listBySubject(sub)).map(({ id }) => id),
  };
}

test('it proves nothing, and needs nobody while there is room', async () => {
  const { authenticator, begin, open, countEvents } = await openLimit();
  expect(authenticator).toMatchObject({ proves: false, amr: [], needsAccount: false });
  expect(await begin('1')).toEqual(success);
  await open();
  expect(await begin('2')).toEqual(success);
  expect(await countEvents()).toEqual({});
});

test.each(['1', undefined, '', '0', '-3', 'many', '1.5', '1e9', '99999999999'])(
  'a limit of %j is one session',
  async (max) => {
    const { begin, open } = await openLimit();
    expect(await begin(max)).toEqual(success);
    await open();
    expect(await begin(max)).toMatchObject({ kind: 'show', state: { toEnd: 1, limit: 1 } });
  },
);

test('what does not count: this browser’s own session, those that are over, and other people’s', async () => {
  const own = newId('session');
  const { begin, open, clock } = await openLimit({ own });
  await open({ id: own });
  await open({ expiresAt: clock.now() });
  await open({ subject: 'somebody-else' });
  expect(await begin('1')).toEqual(success);
  await open();
  expect(await begin('1')).toMatchObject({ kind: 'show', state: { toEnd: 1 } });
});

test('before anybody has proven who they are it fails, and shows nothing', async () => {
  const { begin, open } = await openLimit();
  await open();
  expect(await begin('1', { subject: null })).toEqual({
    kind: 'failed',
    problem: { code: 'NO_SUBJECT', detail: '«Active sessions limit».' },
  });
});

test('the page tells browser, system, address and when it was used last, the newest sign-in first', async () => {
  const { begin, open, view, clock } = await openLimit();
  const old = await open({ ip: '198.51.100.1', userAgent: 'curl/8', lastAccessTime: clock.now() - 7_200_000 });
  const fresh = await open({ lastAccessTime: clock.now() + 5000 });
  const begun = await begin('1');
  expect(begun.kind === 'show' && view(begun.state)).toEqual({
    view: 'session-limit',
    model: {
      sessions: [
        { id: fresh, browser: 'Firefox', platform: 'Linux', ip: '203.0.113.7', lastUsed: 0 },
        { id: old, browser: 'Unknown', platform: 'Unknown', ip: '198.51.100.1', lastUsed: 7200 },
      ],
      toEnd: 2,
      limit: 1,
    },
  });
});

test.each(['2', ' 2 ', '2\n'])('a limit of %j is two sessions', async (max) => {
  const { begin, open } = await openLimit();
  await open();
  expect(await begin(max)).toEqual(success);
  await open();
  expect(await begin(max)).toMatchObject({ kind: 'show', state: { toEnd: 1, limit: 2 } });
});

describe('the answer', () => {
  test('ends what was chosen, if that is enough, and nothing if it is not', async () => {
    const { answer, open, left, countEvents, database } = await openLimit();
    const [one, two, three] = [await open(), await open(), await open()];
    const tooFew = { kind: 'show', problem: { code: 'SESSIONS_TOO_MANY', field: 'sessions', params: { count: '2' } } };
    for (const form of [
      {},
      { [`end.${one}`]: 'yes' },
      { [`end.${one}`]: 'no', [`end.${two}`]: 'no' },
      { end: 'some' },
    ]) {
      expect(await answer('2', form as Form)).toMatchObject(tooFew);
    }
    expect(await left()).toHaveLength(3);
    expect(await countEvents()).toEqual({});

    expect(await answer('2', { [`end.${one}`]: 'yes', [`end.${three}`]: 'yes' })).toEqual(success);
    expect(await left()).toEqual([two]);
    expect(await countEvents()).toEqual({ 'session.ended': 2 });
    const [event] = await database.read.audit.list({ after: null, limit: 1 });
    expect(event).toMatchObject({ actor: 'person', details: { reason: 'sessions limit' } });
  });

  test('of all ends all others, however long the list', async () => {
    const own = newId('session');
    const { begin, answer, open, left } = await openLimit({ own });
    await open({ id: own });
    for (let i = 0; i < 25; i++) await open();
    const begun = await begin('3');
    expect(begun).toMatchObject({ kind: 'show', state: { toEnd: 23, limit: 3 } });
    expect((begun as unknown as { state: { sessions: unknown[] } }).state.sessions).toHaveLength(20);
    expect(await answer('3', { end: 'all' })).toEqual(success);
    expect(await left()).toEqual([own]);
  });

  test('reaches nobody else’s session, nor the own one', async () => {
    const own = newId('session');
    const { answer, open, left, database } = await openLimit({ own });
    await open({ id: own });
    const [mine, theirs] = [await open(), await open({ subject: 'somebody-else' })];
    const form = { [`end.${theirs}`]: 'yes', [`end.${own}`]: 'yes' };
    expect(await answer('1', form)).toMatchObject({ kind: 'show', problem: { code: 'SESSIONS_TOO_MANY' } });
    expect(await answer('1', { ...form, [`end.${mine}`]: 'yes' })).toEqual(success);
    expect(await left()).toEqual([own]);
    expect(await database.read.sessions.findById(theirs)).not.toBeNull();
  });

  test('is needed no more when the sessions ended meanwhile', async () => {
    const { answer, open, database } = await openLimit();
    const one = await open();
    await database.unit(({ sessions }) => sessions.delete(one));
    expect(await answer('1', {})).toEqual(success);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Move, StepState } from '../../src/authenticators/authenticator.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { newSecret } from '../../src/kernel/ids.ts';
import { sha256 } from '../../src/kernel/sha256.ts';
import { applyProvisioning } from '../../src/provisioning/apply.ts';
import { box } from '../provisioning/people.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({});
});
afterAll(() => world.close());
beforeEach(() => world.provider.misbehave({}));

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    (value) => new Error(`it succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error.code;
}

function personOf(move: Move) {
  if (move.kind !== 'success' || !('federated' in move.person)) throw new Error(JSON.stringify(move));
  return move.person.federated;
}

/** What the protocol keeps for checking the answer. */
const keptOf = (state: StepState) => state['kept'] as StepState;

describe('on the way there', () => {
  test('the request is bound to this login: state, nonce and PKCE, and only a hash of the state stays here', async () => {
    const context = await world.step();
    const { url, state } = await world.leaves(context);
    const kept = keptOf(state);
    const asked = new URL(url).searchParams;
    expect(url.startsWith(`${world.provider.url}/authorize?`)).toBe(true);
    expect(Object.fromEntries(asked)).toEqual({
      client_id: 'stepgate',
      response_type: 'code',
      redirect_uri: expect.stringMatching(/\/login\/callback$/),
      scope: 'openid email profile groups',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: kept['nonce'],
      code_challenge: sha256(String(kept['verifier'])),
      code_challenge_method: 'S256',
    });
    expect(JSON.stringify(state)).not.toContain(asked.get('state'));
    expect(await world.database.read.logins.findFederationState(sha256(asked.get('state') ?? ''))).toMatchObject({
      loginId: context.login.id,
      seq: 3,
      expiresAt: context.login.expiresAt,
    });
    const again = await world.leaves(context);
    expect(again.state['stateHash']).not.toBe(state['stateHash']);
    for (const secret of ['nonce', 'verifier']) expect(keptOf(again.state)[secret]).not.toBe(kept[secret]);
  });

  test('hints of script and application go along', async () => {
    const plain = await world.step();
    const request = { ...plain.login.request, loginHint: 'ann@example.com', prompt: ['login', 'consent'] };
    const hinted = { ...plain, login: { ...plain.login, request } };
    const read = async (context: typeof plain) => new URL((await world.leaves(context)).url).searchParams;
    expect((await read(hinted)).get('login_hint')).toBe('ann@example.com');
    expect((await read(hinted)).get('prompt')).toBe('login');
    expect((await read({ ...hinted, parameters: { login_hint: 'eve' } })).get('login_hint')).toBe('eve');
  });

  test('discovery is asked once, however many begin at a time, and again when the connection changes', async () => {
    const fresh = await createWorld({});
    const contexts = await Promise.all(Array.from({ length: 20 }, () => fresh.step()));
    await Promise.all(contexts.map(fresh.leaves));
    expect(fresh.provider.requests().discovery).toBe(1);
    await fresh.changes({ scopes: ['openid', 'email'] });
    const { url } = await fresh.leaves(await fresh.step());
    expect(new URL(url).searchParams.get('scope')).toBe('openid email');
    expect(fresh.provider.requests().discovery).toBe(2);
    await fresh.close();
  });
});

describe('on the way back', () => {
  test.each(['id_token', 'userinfo'] as const)('the person is known by the claims in %s', async (claimsIn) => {
    const other = await createWorld({ provider: { claimsIn } });
    const move = await other.signsIn();
    expect(move).toMatchObject({ kind: 'success', amr: [] });
    expect(personOf(move)).toEqual({
      connectionId: other.connection.id,
      issuer: other.provider.url,
      subject: 'google-1906',
      claims: {
        iss: other.provider.url,
        sub: 'google-1906',
        email: 'grace.hopper@example.com',
        email_verified: true,
        given_name: 'Grace',
        family_name: 'Hopper',
        name: 'Grace Hopper',
        groups: ['engineering', 'navy'],
      },
    });
    await other.close();
  });

  test('a public client signs in without a secret of ours', async () => {
    // This provider knows us with a secret: without one it refuses, and says so.
    const other = await createWorld({});
    await other.changes({ clientSecretSealed: null });
    expect(await other.signsIn()).toMatchObject({ kind: 'wrong', problem: { code: 'IDP_ERROR' } });
    await other.close();
  });

  test('an answer counts once', async () => {
    const context = await world.step();
    const { url, state } = await world.leaves(context);
    const query = await world.visits(url);
    expect(await world.resumes(context, state, query)).toMatchObject({ kind: 'success' });
    const asked = world.provider.requests().token;
    expect(await codeOf(world.resumes(context, state, query))).toBe('STATE_INVALID');
    expect(world.provider.requests().token).toBe(asked);
  });

  test('of 20 deliveries at a time one counts, and the code goes to the provider once', async () => {
    const context = await world.step();
    const { url, state } = await world.leaves(context);
    const query = await world.visits(url);
    const asked = world.provider.requests().token ?? 0;
    const moves = await Promise.allSettled(Array.from({ length: 20 }, () => world.resumes(context, state, query)));
    expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(world.provider.requests().token).toBe(asked + 1);
  });

  test.each(['another secret', 'no state', 'an empty state'])('%s changes nothing', async (kind) => {
    const context = await world.step();
    const { url, state } = await world.leaves(context);
    const { state: right, ...others } = await world.visits(url);
    const wrong = kind === 'no state' ? others : { ...others, state: kind === 'an empty state' ? '' : newSecret() };
    expect(await codeOf(world.resumes(context, state, wrong))).toBe('STATE_INVALID');
    expect(await world.resumes(context, state, { ...others, state: right ?? '' })).toMatchObject({ kind: 'success' });
  });

  test.each(['another login', 'another step of the same login', 'a step that waits for nobody', 'an expired login'])(
    '%s cannot use it',
    async (kind) => {
      const context = await world.step();
      const { url, state } = await world.leaves(context);
      const query = await world.visits(url);
      const wrong = {
        'another login': { ...(await world.step()) },
        'another step of the same login': { ...context, seq: 4 },
        'a step that waits for nobody': context,
        'an expired login': { ...context, now: context.login.expiresAt },
      }[kind];
      const kept = kind === 'a step that waits for nobody' ? {} : state;
      expect(await codeOf(world.resumes(wrong!, kept, query))).toBe('STATE_INVALID');
      expect(await world.database.read.logins.findFederationState(String(state['stateHash']))).not.toBeNull();
    },
  );

  test('the answer to another tab’s request does not fit this one', async () => {
    const [mine, theirs] = [await world.step(), await world.step()];
    const [left, right] = [await world.leaves(mine), await world.leaves(theirs)];
    const query = await world.visits(right.url);
    expect(await codeOf(world.resumes(mine, left.state, query))).toBe('STATE_INVALID');
    // A code put behind one’s own state is caught by nonce and PKCE.
    const own = await world.visits(left.url);
    const injected = { ...own, code: query['code'] ?? '' };
    expect(await world.resumes(mine, left.state, injected)).toMatchObject({
      kind: 'wrong',
      problem: { code: 'IDP_ERROR' },
    });
  });

  test('whoever answers the step by a form is sent away again', async () => {
    const context = await world.step();
    const { state } = await world.leaves(context);
    const again = await world.database.unit(await world.authenticator.answer(context, state, {}));
    expect(again.kind).toBe('redirect');
    expect(world.authenticator.view(context, {})).toEqual({ view: 'choose', model: {} });
  });
});

describe('what changed while the person was away', () => {
  let other: World;
  beforeEach(async () => {
    other = await createWorld({});
    return () => other.close();
  });

  test.each([
    ['disabled', { enabled: false }, 'CONNECTION_DISABLED'],
    ['given another issuer', { issuer: 'https://elsewhere.example.com' }, 'IDP_ANSWER_INVALID'],
    ['given another client', { clientId: 'other' }, 'IDP_ANSWER_INVALID'],
  ] as const)('the connection was %s: it fails, and no code is sent anywhere', async (_name, change, code) => {
    const context = await other.step();
    const { url, state } = await other.leaves(context);
    const query = await other.visits(url);
    const connection = await other.changes(change);
    expect(await other.resumes({ ...context, connection }, state, query)).toMatchObject({
      kind: 'failed',
      problem: { code },
    });
    expect(other.provider.requests().token).toBeUndefined();
  });

  test('the connection was disabled while the answer was being checked', async () => {
    const context = await other.step();
    const { url, state } = await other.leaves(context);
    const query = await other.visits(url);
    const settle = await other.authenticator.resume!(context, state, query);
    await other.changes({ enabled: false });
    expect(await other.database.unit(settle)).toMatchObject({
      kind: 'failed',
      problem: { code: 'CONNECTION_DISABLED' },
    });
  });

  test('a disabled connection does not even begin', async () => {
    const connection = await other.changes({ enabled: false });
    const move = await other.database.unit(await other.authenticator.begin(await other.step({ connection })));
    expect(move).toMatchObject({ kind: 'failed', problem: { code: 'CONNECTION_DISABLED' } });
  });

  test.each([
    [{ locked: true }, 'ACCOUNT_LOCKED'],
    [{ disabled: true }, 'ACCOUNT_DISABLED'],
  ])('the person’s account was %j', async (state, code) => {
    const person = personOf(await other.signsIn());
    const provision = () =>
      other.database.unit((stores) => applyProvisioning(stores, { person, now: 1, loginId: null, box }));
    await provision();
    expect(await other.signsIn()).toMatchObject({ kind: 'success' });
    const { userId } = (await other.database.read.users.findAssociation(person.connectionId, person.subject))!;
    const user = (await other.database.read.users.findById(userId))!;
    await other.database.unit(({ users }) => users.update({ ...user, ...state }));
    expect(await other.signsIn()).toMatchObject({ kind: 'failed', problem: { code } });
  });
});

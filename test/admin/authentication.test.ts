import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, token, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('who may ask', () => {
  const routes = ['/applications', '/users/x', '/settings', '/audit-events', '/nothing'];
  const wrong: [string, string | undefined][] = [
    ['nobody', undefined],
    ['an empty token', 'Bearer '],
    ['another token', `Bearer ${'x'.repeat(token.length)}`],
    ['a part of the token', `Bearer ${token.slice(0, -1)}`],
    ['more than the token', `Bearer ${token}x`],
    ['another scheme', `Basic ${Buffer.from(`owner:${token}`).toString('base64')}`],
    ['the token alone', token],
  ];
  test.each(wrong)('not %s', async (_who, authorization) => {
    for (const [i, path] of routes.entries()) {
      const answer = await world.send({
        method: 'GET',
        url: `/api/v1${path}`,
        remoteAddress: `203.0.113.${i}`,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED', findings: [] } });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
      world.clock.time += 120_000;
    }
  });

  test('a write without the token does nothing, however large', async () => {
    const answer = await world.send({
      method: 'POST',
      url: '/api/v1/users',
      payload: { username: 'x'.repeat(2_000_000) },
    });
    expect(answer.status).toBe(401);
    expect(await world.happened()).toEqual([]);
  });

  test('the scheme is written in any case', async () => {
    const answer = await world.send({
      method: 'GET',
      url: '/api/v1/settings',
      headers: { authorization: `bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  });

  test('an address that keeps sending wrong tokens waits; others do not, and time heals', async () => {
    const ask = (remoteAddress: string, given: string) =>
      world.send({
        method: 'GET',
        url: '/api/v1/settings',
        remoteAddress,
        headers: { authorization: `Bearer ${given}` },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 13; i++) statuses.push((await ask('198.51.100.7', 'wrong')).status);
    expect(statuses).toEqual([...Array(11).fill(401), 429, 429]);
    const waiting = await ask('198.51.100.7', token);
    expect(waiting).toMatchObject({ status: 429, body: { code: 'TRY_LATER' }, headers: { 'retry-after': '1' } });
    expect((await ask('198.51.100.8', token)).status).toBe(200);
    world.clock.time += 1000;
    expect((await ask('198.51.100.7', token)).status).toBe(200);
    world.clock.time += 60_000;
    expect((await ask('198.51.100.7', 'wrong')).status).toBe(401);
  });

  test('without a token in the settings nobody gets in', async () => {
    const closed = await createWorld({ environment: { STEPGATE_ADMIN_TOKEN: '' } });
    const answer = await closed.call('GET', '/settings');
    expect(answer).toMatchObject({ status: 401, body: { detail: expect.stringContaining('STEPGATE_ADMIN_TOKEN') } });
    await closed.close();
  });
});

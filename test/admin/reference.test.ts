import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errors } from '../../src/kernel/errors.ts';
import { findingCodes } from '../../src/validator/finding.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let page: string;
beforeAll(async () => {
  world = await createWorld();
  page = (await world.send({ method: 'GET', url: '/api/docs' })).body;
});
afterAll(() => world.close());

interface OperationObject {
  operationId: string;
  summary: string;
  tags: string[];
  responses: Record<string, { content?: Record<string, unknown> }>;
  requestBody?: { content: { 'application/json': { schema: TSchema; example?: unknown } } };
}

async function readOperations(): Promise<[route: string, operation: OperationObject][]> {
  const { body } = await world.send({ method: 'GET', url: '/api/openapi.json' });
  expect(body).toMatchObject({
    openapi: '3.1.0',
    security: [{ token: [] }],
    servers: [{ url: 'http://127.0.0.1:9400' }],
  });
  return Object.entries(body.paths as Record<string, Record<string, OperationObject>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, OperationObject] => [`${method} ${path}`, operation]),
  );
}

test('every operation is described, with its errors and, where it takes content, with an example that is valid', async () => {
  const operations = await readOperations();
  expect(operations.length).toBeGreaterThan(25);
  for (const [route, { operationId, summary, tags, responses, requestBody }] of operations) {
    expect({ operationId, summary, tags }, route).toEqual({
      operationId: expect.stringMatching(/^[a-zA-Z]+$/),
      summary: expect.stringMatching(/^[A-Z].*[^.]$/),
      tags: [expect.any(String)],
    });
    expect(Object.keys(responses), route).toEqual([expect.stringMatching(/^2/), '4XX']);
    expect(responses['4XX']?.content, route).toHaveProperty(['application/problem+json']);
    if (!requestBody) continue;
    const { schema, example } = requestBody.content['application/json'];
    expect(example, route).toBeTypeOf('object');
    expect([...Compile(schema).Errors(example)], route).toEqual([]);
  }
  const ids = operations.map(([, { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the page has every operation, every error and every finding', async () => {
  for (const [route, { operationId, summary }] of await readOperations()) {
    expect(page, route).toContain(`id="${operationId}"`);
    expect(page, route).toContain(summary);
  }
  for (const code of [...Object.keys(errors), ...Object.keys(findingCodes)])
    expect(page).toContain(`<code>${code}</code>`);
});

test('it has every form that a field may have, with what it is for', () => {
  const [, request = ''] = /id="createApplication"[\s\S]*?<caption>In the request([\s\S]*?)<\/table>/.exec(page) ?? [];
  const rows = [
    ...request.matchAll(/<code>signInRules\[\]\.<wbr>(\w+)<\/code>.*\n<td class="type">([^<]*)<\/td>\n<td>(.*)<\/td>/g),
  ];
  expect(rows.map(([, name, type, meaning]) => `${name} ${type} ${meaning?.split(/[.,]/)[0]}`)).toEqual([
    'kind two-factors Proofs of two kinds',
    'people local | all <code>local</code>: those who did not come from a connection',
    'kind group-factor What members of a group need',
    'group text Its name',
    'authenticators list of texts One of these is passed',
    'kind connections Nobody proves who they are in another way',
    'allowed list of texts Names of connections',
  ]);
});

test('its links lead somewhere, and each id is there once', () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

test('it needs no token and no script, and nothing from elsewhere', async () => {
  const answer = await world.send({ method: 'GET', url: '/api/docs' });
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<style| style="| on\w+="|(src|href)="https?:/);
  for (const [, url] of page.matchAll(/(?:src|href)="(\/[^"#]*)"/g)) {
    expect((await world.send({ method: 'GET', url: url ?? '' })).status, url).toBe(200);
  }
  expect(await world.send({ method: 'GET', url: '/api' })).toMatchObject({
    status: 302,
    headers: { location: '/api/docs' },
  });
});

test('a problem’s type leads to its row', async () => {
  const { body } = await world.call('GET', '/users/user_nobody');
  expect(body.type).toBe('/api/docs#NOT_FOUND');
  expect(page).toContain('id="NOT_FOUND"');
});

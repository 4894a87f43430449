import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

let world: World;
let ann: string;
let application: string;

beforeAll(async () => {
  world = await createWorld();
  ann = (await world.call('POST', '/users', { username: 'ann', roles: ['clerk'], groups: ['staff'] })).body.id;
  application = (await world.call('POST', '/applications', anApplication)).body.id;
});
afterAll(() => world.close());
beforeEach(() => world.happened());

const readAnn = async () => (await world.call('GET', `/users/${ann}`)).body;
const find = async (path: string) => (await world.call('GET', path)).body.items;

describe.each([
  { one: 'role', path: '/roles', made: { applicationId: null } },
  { one: 'group', path: '/groups', made: {} },
])('a $one', ({ one, path, made }) => {
  let id: string;

  it('is made, found by its name, and listed', async () => {
    const { status, body, headers } = await world.call('POST', path, { name: 'pilots' });
    id = body.id;
    expect({ status, body, etag: headers['etag'] }).toMatchObject({
      status: 201,
      body: { name: 'pilots', revision: 1, ...made },
      etag: '"1"',
    });
    expect(await find(`${path}?name=pilots`)).toEqual([body]);
    expect(await find(`${path}?name=Pilots`)).toEqual([]);
    expect((await find(path)).map(({ name }: { name: string }) => name)).toContain('pilots');
    expect(await world.happened()).toEqual([`${one}.created`]);
  });

  it('has a name of its own', async () => {
    const taken = await world.call('POST', path, { name: 'pilots' });
    expect(taken).toMatchObject({ status: 409, body: { findings: [{ code: 'NAME_TAKEN', path: '/name' }] } });
    const other = (await world.call('POST', path, { name: 'crew' })).body;
    expect(await world.call('PATCH', `${path}/${other.id}`, { name: 'pilots' })).toMatchObject({ status: 409 });
    expect(await world.happened()).toEqual([`${one}.created`]);
  });

  it.each([{}, { name: '' }, { name: 'x'.repeat(201) }, { name: 7 }, { name: 'x', members: [] }])(
    'is not made from %j',
    async (body) => {
      expect(await world.call('POST', path, body)).toMatchObject({ status: 422 });
      expect(await world.happened()).toEqual([]);
    },
  );

  it('is given to a person and taken again, each with an event of the person; a second time nothing happens', async () => {
    const member = `${path}/${id}/members/${ann}`;
    for (const _ of [1, 2]) expect(await world.call('PUT', member)).toMatchObject({ status: 204 });
    expect(await readAnn()).toMatchObject({ [`${one}s`]: [one === 'role' ? 'clerk' : 'staff', 'pilots'] });
    expect(await find(`${path}/${id}/members`)).toEqual([{ id: ann, username: 'ann', origin: 'admin' }]);
    for (const _ of [1, 2]) expect(await world.call('DELETE', member)).toMatchObject({ status: 204 });
    expect(await readAnn()).toMatchObject({ [`${one}s`]: [one === 'role' ? 'clerk' : 'staff'] });
    expect(await find(`${path}/${id}/members`)).toEqual([]);
    expect(await world.happened()).toEqual(['user.updated', 'user.updated']);
  });

  it('is renamed, and its people keep it', async () => {
    await world.call('PUT', `${path}/${id}/members/${ann}`);
    const late = await world.call('PATCH', `${path}/${id}`, { name: 'x' }, { 'if-match': '"7"' });
    expect(late).toMatchObject({ status: 412 });
    expect(await world.call('PATCH', `${path}/${id}`, { name: 'aviators' })).toMatchObject({
      status: 200,
      body: { name: 'aviators', revision: 2 },
    });
    expect(await world.call('PATCH', `${path}/${id}`, { name: 'aviators' })).toMatchObject({ body: { revision: 2 } });
    expect((await readAnn())[`${one}s`]).toContain('aviators');
    expect(await world.happened()).toEqual(['user.updated', `${one}.updated`]);
  });

  it('is deleted, and nobody has it any more', async () => {
    expect(await world.call('DELETE', `${path}/${id}`)).toMatchObject({ status: 204 });
    expect(await world.call('GET', `${path}/${id}`)).toMatchObject({ status: 404 });
    expect((await readAnn())[`${one}s`]).not.toContain('aviators');
    expect(await world.happened()).toEqual([`${one}.deleted`]);
  });

  it('that nobody knows is a 404, and so is a person', async () => {
    const other = (await find(path))[0].id;
    for (const [method, url] of [
      ['GET', `${path}/none`],
      ['PATCH', `${path}/none`],
      ['DELETE', `${path}/none`],
      ['GET', `${path}/none/members`],
      ['PUT', `${path}/none/members/${ann}`],
      ['PUT', `${path}/${other}/members/none`],
      ['DELETE', `${path}/${other}/members/none`],
    ] as const) {
      const answer = await world.call(method, url, method === 'PATCH' ? { name: 'x' } : undefined);
      expect(answer, `${method} ${url}`).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
    expect(await world.happened()).toEqual([]);
  });
});

describe('a role of an application', () => {
  it('may have the name of one of the organisation, and is no such one', async () => {
    const { status, body } = await world.call('POST', '/roles', { name: 'clerk', applicationId: application });
    expect({ status, body }).toMatchObject({ status: 201, body: { applicationId: application } });
    expect(await find(`/roles?applicationId=${application}`)).toEqual([body]);
    expect(await find(`/roles?name=clerk&applicationId=${application}`)).toEqual([body]);
    expect(await find('/roles?name=clerk')).toMatchObject([{ applicationId: null }]);
    await world.call('PUT', `/roles/${body.id}/members/${ann}`);
    expect(await readAnn()).toMatchObject({
      roles: ['clerk'],
      memberships: { applicationRoles: [{ name: 'clerk', applicationId: application, origin: 'admin' }] },
    });
    await world.call('DELETE', `/roles/${body.id}/members/${ann}`);
    expect(await readAnn()).toMatchObject({ roles: ['clerk'], memberships: { applicationRoles: [] } });
  });

  it('needs an application that is there', async () => {
    const answer = await world.call('POST', '/roles', { name: 'x', applicationId: 'app_none' });
    expect(answer).toMatchObject({ status: 422, body: { findings: [{ path: '/applicationId' }] } });
  });

  it('goes with its application', async () => {
    await world.call('DELETE', `/applications/${application}`);
    expect((await find('/roles')).filter((role: { applicationId: unknown }) => role.applicationId)).toEqual([]);
  });
});

describe('an administration role', () => {
  it('is mapped by a connection where the owner says so, and by nobody else', async () => {
    const roleMapping = { 'staff/it': 'admin', clerks: 'clerk' };
    const { body } = await world.call('POST', '/connections', { ...aConnection, roleMapping });
    expect(body).toMatchObject({ roleMapping });
    expect(await world.happened()).toEqual(['connection.created']);

    const stranger = await world.call(
      'PATCH',
      `/connections/${body.id}`,
      { roleMapping: { all: 'owner' } },
      { authorization: '' },
    );
    expect(stranger.status).toBe(401);
    expect((await world.call('GET', `/connections/${body.id}`)).body).toMatchObject({ roleMapping });
    expect(await world.happened()).toEqual([]);
  });

  it('is given by the API', async () => {
    await world.call('PATCH', `/users/${ann}`, { roles: ['auditor'] });
    expect(await readAnn()).toMatchObject({ roles: ['auditor'] });
  });
});

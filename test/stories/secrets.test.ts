import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createJournals } from '../../src/login/journal.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { askApplication, beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Secrets: sent where the script says, and seen nowhere else. */

let world: World;
let endpoint: Endpoint;
const canary = 'canary/7f3a+"secret"';

beforeAll(async () => {
  endpoint = await createEndpoint();
  world = await startWorld({
    env: {
      STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(endpoint.url).hostname}`,
    },
  });
  await world.addUser('ann');
  await world.admin.post('/secrets', { name: 'KEY', value: canary });
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(() => {
  endpoint.forget();
  endpoint.says({});
});

async function signsIn(body: string) {
  await world.publish({
    script: `var url = '${endpoint.url}';
var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    ${body}
  } });
};`,
  });
  const person = await beginsSignIn(world);
  const login = loginIdOf(person);
  await typesPassword(person, 'ann');
  return { person, login };
}

const handlers = '{ onSuccess: function (context, data) { Log.info(data); }, onFail: function () {} }';

describe('A secret', () => {
  it('goes out in headers, bodies, queries and authentication', async () => {
    await signsIn(`
      httpGet(url + '/a?key=' + secrets.KEY, { 'X-Key': 'k ' + secrets.KEY }, ${handlers});
      httpPost(url, { deep: [{ key: secrets.KEY }] }, ${handlers});
      httpPost(url, JSON.stringify({ key: secrets['KEY'] }), ${handlers});
      httpPost(url, { key: getSecretByName('KEY') }, { 'Content-Type': 'application/x-www-form-urlencoded' }, ${handlers});
      httpPost(url, 'a=1&key=' + secrets.KEY, { 'Content-Type': 'application/x-www-form-urlencoded' }, ${handlers});
      httpPost(url, '<key>' + secrets.KEY + '</key>', { 'Content-Type': 'application/xml' }, ${handlers});
      httpGet(url, {}, { type: 'basic', properties: { username: 'u', password: secrets.KEY } }, ${handlers});
      httpGet(url, {}, { type: 'bearer', token: secrets.KEY }, ${handlers});
      httpGet(url, {}, { type: 'apikey', apiKey: secrets.KEY, headerName: 'X-Api' }, ${handlers});`);
    const [query, nested, text, form, writtenForm, xml, basic, bearer, apiKey] = endpoint.asked;
    expect(query).toMatchObject({ path: `/a?key=${encodeURIComponent(canary)}`, headers: { 'x-key': `k ${canary}` } });
    expect(nested?.body).toBe(JSON.stringify({ deep: [{ key: canary }] }));
    expect(text?.body).toBe(JSON.stringify({ key: canary }));
    expect(form?.body).toBe(String(new URLSearchParams({ key: canary })));
    expect(writtenForm?.body).toBe(`a=1&key=${encodeURIComponent(canary)}`);
    expect(xml?.body).toBe(`<key>${canary}</key>`);
    expect(bearer?.headers.authorization).toBe(`Bearer ${canary}`);
    expect(apiKey?.headers['x-api']).toBe(canary);
    expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from(`u:${canary}`).toString('base64')}`);
  });

  it('is nowhere else: not in logs, claims, pages, journals, traces, the database or the API', async () => {
    endpoint.answers(({ headers, body, path }, response) => response.end(JSON.stringify({ headers, body, path })));
    const { person, login } = await signsIn(`
      var user = context.currentKnownSubject;
      Log.info(secrets.KEY, secrets.KEY.length);
      user.claims.told = secrets.KEY;
      user.localClaims.nickname = secrets.KEY;
      context.endpointParams.told = secrets.KEY;
      httpPost(url + '/' + secrets.KEY, { key: secrets.KEY }, { 'X-Key': secrets.KEY }, { type: 'basic', username: 'user', password: secrets.KEY }, {
        onSuccess: function (context, data) {
          Log.info(data);
          user.claims.echo = JSON.stringify(data);
        }
      });`);
    expect(person.isAt()).toBe('Signed in');
    const seen = [
      JSON.stringify(await readScriptLog(world, login)),
      JSON.stringify(await createJournals({ box: world.box }).read(world.app.database.read.logins, login)),
      JSON.stringify(await askApplication(world, person)),
      await world.admin.getText(`/logins/${login}`),
      await world.admin.getText('/secrets'),
      await world.admin.getText('/audit-events?limit=200'),
      JSON.stringify(await world.users()),
      JSON.stringify(world.log),
      person.page().text,
    ];
    for (const text of seen) {
      for (const spelling of [
        'canary',
        Buffer.from(canary).toString('base64').slice(0, 20),
        Buffer.from(`user:${canary}`).toString('base64').slice(8, 28),
      ]) {
        expect(text).not.toContain(spelling);
      }
    }
    expect(seen[0]).toContain('secret~KEY~1~');
  });

  it('is compared by a function only', async () => {
    const { login } = await signsIn(`
      var guess = ${JSON.stringify(canary)};
      Log.info(secrets.KEY == guess, compareSecret(secrets.KEY, guess), compareSecret(secrets.KEY, 'x'));
      Log.info(compareSecret(secrets.KEY + 'x', guess), compareSecret('', ''), compareSecret(guess, guess), compareSecret(secrets.KEY, null));`);
    expect(await readScriptLog(world, login)).toEqual(['info 6: false true false', 'info 7: false false false false']);
    const journal = await createJournals({ box: world.box }).read(world.app.database.read.logins, login);
    const compared = journal.filter(({ op }) => op === 'compareSecret');
    expect(compared).toHaveLength(6);
    // The one call that names no secret has the script's own text twice.
    const ofSecret = compared.filter(({ args }) => args.includes('secret~'));
    expect(ofSecret).toHaveLength(4);
    expect(JSON.stringify(ofSecret)).not.toContain('canary');
    expect(compared[0]?.args).toMatch(/\{"\$hash":"[\w-]{43}"\}/);
  });

  it('that nobody has made ends the sign-in, with its name and the mend', async () => {
    const { person } = await signsIn(`secrets.RISK_KEY;`);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toBe(
      'getSecretByName: There is no secret «RISK_KEY». Make it: POST /api/v1/secrets {"name": "RISK_KEY", "value": "…"}. (line 4, column 13)',
    );
  });

  it('rotated in the middle of a sign-in is the old one there, and the new one in the next', async () => {
    const { id } = await world.admin.post('/secrets', { name: 'TURNING', value: 'the first' });
    const script = `httpGet(url, { 'X-Key': secrets.TURNING }, { onSuccess: function () {
      executeStep(1, { stepOptions: { forceAuth: 'true' } }, { onSuccess: function () {
        httpGet(url, { 'X-Key': secrets.TURNING, 'X-Same': String(compareSecret(secrets.TURNING, 'the first')) }, ${handlers});
      } });
    } });`;
    const { person } = await signsIn(script);
    expect(await world.admin.patch(`/secrets/${id}`, { value: 'the second' })).toMatchObject({ version: 2 });
    await world.restart();
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
    expect(endpoint.asked.map(({ headers }) => headers['x-key'])).toEqual(['the first', 'the first']);
    expect(endpoint.asked[1]?.headers['x-same']).toBe('true');
    endpoint.forget();
    await signsIn(script);
    expect(endpoint.asked.map(({ headers }) => headers['x-key'])).toEqual(['the second']);
  });

  it('rotated before its first use in a sign-in is the one that there was when the sign-in began', async () => {
    const { id } = await world.admin.post('/secrets', { name: 'LATE', value: 'the first' });
    const { person } = await signsIn(`executeStep(1, { stepOptions: { forceAuth: 'true' } }, { onSuccess: function () {
      httpGet(url, { 'X-Key': secrets.LATE }, ${handlers});
    } });`);
    expect(await world.admin.patch(`/secrets/${id}`, { value: 'the second' })).toMatchObject({ version: 2 });
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
    expect(endpoint.asked.map(({ headers }) => headers['x-key'])).toEqual(['the first']);
  });

  it('that no header can hold is not sent, and not told', async () => {
    await world.admin.post('/secrets', { name: 'ODD', value: 'canary\n€' });
    const { login } = await signsIn(
      `httpGet(url, { 'X-Key': secrets.ODD }, { onFail: function (context, data) { Log.info('fail', data); } });`,
    );
    expect(endpoint.asked).toEqual([]);
    expect(await readScriptLog(world, login)).toEqual(['info 4: fail {}']);
    expect(await world.admin.getText(`/logins/${login}`)).not.toContain('canary');
  });
});

describe('The resource', () => {
  it('never gives a value back', async () => {
    const { admin } = world;
    const made = await admin.post('/secrets', { name: 'A-1', value: 'v' });
    expect(made).toMatchObject({ name: 'A-1', version: 1 });
    expect(Object.keys(made).sort()).toEqual(['createdAt', 'id', 'name', 'revision', 'updatedAt', 'version']);
    await expect(admin.post('/secrets', { name: 'A-1', value: 'w' })).rejects.toMatchObject({ status: 409 });
    await expect(admin.post('/secrets', { name: 'has spaces', value: 'w' })).rejects.toMatchObject({ status: 422 });
    await expect(admin.post('/secrets', { name: 'EMPTY', value: '' })).rejects.toMatchObject({ status: 422 });
    await admin.delete(`/secrets/${made.id}`);
    await expect(admin.get(`/secrets/${made.id}`)).rejects.toMatchObject({ status: 404 });
  });
});

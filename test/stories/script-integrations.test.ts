import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Scripts that call the servers which an installation is set up with, and services on Choreo. */

let world: World;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await createEndpoint();
  const { host, hostname } = new URL(endpoint.url);
  world = await startWorld({
    env: {
      STEPGATE_EGRESS_HOSTS: `127.0.0.1,${hostname}`,
      STEPGATE_ANALYTICS_URL: `http://events:p%40ss@${host}/base/`,
      STEPGATE_ELASTIC_URL: `http://${host}`,
    },
  });
  await world.addUser('ann', { email: 'ann@example.com' });
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(() => {
  endpoint.forget();
  endpoint.says({});
});

/** A sign-in by password, with a call behind it whose end is logged. */
async function signsIn(call: string) {
  await world.publish({
    script: `var url = '${endpoint.url}';
var told = {
  onSuccess: function (context, data) { Log.info('success', data); },
  onFail: function (context, data) { Log.info('fail', data); },
  onTimeout: function (context, data) { Log.info('timeout', data); }
};
var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    ${call};
  } });
};`,
  });
  const person = await beginsSignIn(world);
  const login = loginIdOf(person);
  await typesPassword(person, 'ann');
  return { person, told: (await readScriptLog(world, login)).map((line) => line.replace(/^info \d+: /, '')) };
}

const asEvents = { authorization: `Basic ${Buffer.from('events:p@ss').toString('base64')}` };

describe('The analytics server', () => {
  it.each([
    ['an application and its stream', "{ Application: 'Risk', InputStream: 'Sign In' }", '/base/Risk/Sign%20In'],
    ['a path', "{ ReceiverUrl: '/risk/sign-in' }", '/base/risk/sign-in'],
    ['a path that looks like another host', "{ ReceiverUrl: '//elsewhere.example/x' }", '/base/elsewhere.example/x'],
    [
      'names that try to lead elsewhere',
      "{ Application: '../..', InputStream: '@x/y?z' }",
      '/base/..%2F../%40x%2Fy%3Fz',
    ],
  ])('is asked at %s, and its answer goes to the script', async (_what, metadata, path) => {
    endpoint.says({ event: { riskScore: 3 } });
    const { person, told } = await signsIn(`callAnalytics(${metadata}, { username: 'ann', n: 1 }, told)`);
    expect(endpoint.asked).toHaveLength(1);
    const body = '{"event":{"username":"ann","n":1}}';
    expect(endpoint.asked[0]).toMatchObject({ method: 'POST', path, body, headers: asEvents });
    expect(told).toEqual(['success {"event":{"riskScore":3}}']);
    expect(person.isAt()).toBe('Signed in');
  });

  it.each(['{}', "{ Application: 'Risk' }", "{ ReceiverUrl: 'https://elsewhere.example/x' }"])(
    'is not asked at %s',
    async (metadata) => {
      const { person } = await signsIn(`callAnalytics(${metadata}, {}, told)`);
      const { code, event } = await readRefusal(world, person);
      expect(code).toBe('SCRIPT_ERROR');
      expect(event?.details['detail']).toContain('callAnalytics: metadata must have Application and InputStream');
      expect(endpoint.asked).toEqual([]);
    },
  );

  it('that is down is an onFail', async () => {
    endpoint.says({}, 503);
    const { told } = await signsIn("callAnalytics({ ReceiverUrl: '/x' }, {}, told)");
    expect(told).toEqual(['fail {"status":503}']);
    expect(endpoint.asked).toHaveLength(1);
  });
});

describe('An event that is published', () => {
  const publish = "publishToAnalytics({ ReceiverUrl: '/events' }, { username: 'ann' }, context)";

  it('arrives once, whatever comes after it', async () => {
    const { person } = await signsIn(`${publish}; executeStep(1, { stepOptions: { forceAuth: true } }, {})`);
    await endpoint.untilAsked(1);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
    expect(endpoint.asked).toHaveLength(1);
    expect(endpoint.asked[0]).toMatchObject({
      method: 'POST',
      path: '/base/events',
      body: '{"event":{"username":"ann"}}',
      headers: asEvents,
    });
    expect(endpoint.asked[0]?.headers['idempotency-key']).toMatch(/^login_.+:2$/);
    await world.restart();
    expect(endpoint.asked).toHaveLength(1);
    expect(await world.app.database.read.tellings.list(0, 1)).toEqual([]);
  });

  it('keeps nobody waiting when the server hangs', async () => {
    const open = Promise.withResolvers<void>();
    endpoint.answers(async (_asked, response) => {
      await open.promise;
      response.end();
    });
    const { person } = await signsIn(publish);
    expect(person.isAt()).toBe('Signed in');
    await endpoint.untilAsked(1);
    open.resolve();
  });

  it('and does not arrive is told in the log, and ends no sign-in', async () => {
    endpoint.answers((_asked, response) => response.destroy());
    const { person } = await signsIn(publish);
    expect(person.isAt()).toBe('Signed in');
    await expect
      .poll(() => world.log.filter(({ call }) => call === 'publishToAnalytics').at(-1))
      .toMatchObject({ msg: 'What a script told did not arrive.', code: 'EGRESS_FAILED' });
  });

  it('is not sent where no place is named for it: the sign-in ends as a script error', async () => {
    const { person } = await signsIn("publishToAnalytics({ Application: 'Risk' }, {}, context)");
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toContain('publishToAnalytics: metadata must have Application and InputStream');
    expect(endpoint.asked).toEqual([]);
    expect(await world.app.database.read.tellings.list(0, 1)).toEqual([]);
  });

  it('after the verdict is not sent', async () => {
    const { person, told } = await signsIn(`fail(); ${publish}`);
    expect(person.isAt()).not.toBe('Signed in');
    expect(told).toEqual(['warn 9: publishToAnalytics was refused: the sign-in has been decided.']);
    expect(endpoint.asked).toEqual([]);
  });
});

describe('Elasticsearch', () => {
  it('is asked for a sum by person and time, and tells a score', async () => {
    endpoint.says({ aggregations: { risk_score: { value: 1 } } });
    const { told } = await signsIn(
      `callElastic({ username: 'a"nn', index: 'pay/ments', duration: '10m', threshold: 500, riskLogic: 'state.sum.add(1);' }, told)`,
    );
    expect(told).toEqual(['success {"risk_score":1}']);
    const [{ path, body, headers } = { path: '', body: '', headers: {} }] = endpoint.asked;
    expect(path).toBe('/pay%2Fments/_search?size=0');
    expect(headers.authorization).toBeUndefined();
    const { query, aggs } = JSON.parse(body);
    expect(query.bool.filter).toEqual([
      { term: { 'username.keyword': 'a"nn' } },
      { range: { '@timestamp': { gte: 'now-10m' } } },
    ]);
    expect(aggs.risk_score.scripted_metric.map_script).toBe('state.sum.add(1);');
    expect(aggs.risk_score.scripted_metric.reduce_script).toContain('sum > 500 ? 1 : 0');
  });

  it('is asked for the amounts of five minutes where the script says no more', async () => {
    endpoint.says({ aggregations: { risk_score: { value: 0 } } });
    const { told } = await signsIn("callElastic({ username: 'ann' }, told)");
    expect(told).toEqual(['success {"risk_score":0}']);
    const [{ path, body } = { path: '', body: '' }] = endpoint.asked;
    expect(path).toBe('/transaction/_search?size=0');
    const { query, aggs } = JSON.parse(body);
    expect(query.bool.filter[1]).toEqual({ range: { '@timestamp': { gte: 'now-5m' } } });
    expect(aggs.risk_score.scripted_metric).toMatchObject({
      map_script: "state.sum.add(doc['amount'].value);",
      reduce_script: expect.stringContaining('sum > 10000 ? 1 : 0'),
    });
  });

  it.each([
    ['something else', { hits: [] }, 200, 'fail {}'],
    ['nothing', null, 200, 'fail {}'],
    ['a score that is no number', { aggregations: { risk_score: { value: '1' } } }, 200, 'fail {}'],
    ['that it is down', { aggregations: { risk_score: { value: 0 } } }, 503, 'fail {"status":503}'],
  ])('that answers %s is an onFail', async (_what, answer, status, told) => {
    endpoint.says(answer, status);
    expect((await signsIn("callElastic({ username: 'ann' }, told)")).told).toEqual([told]);
    expect(endpoint.asked).toHaveLength(1);
    expect(world.log.filter(({ msg }) => msg === 'A call of a script broke down.')).toEqual([]);
  });

  it.each([
    ['{}', 'params.username'],
    ["{ username: 'ann', duration: '5m; drop' }", 'params.duration'],
    ["{ username: 'ann', duration: '5' }", 'params.duration'],
    ["{ username: 'ann', threshold: '1 ? 1 : 1' }", 'params.threshold'],
  ])('is not asked with %s', async (params, says) => {
    const { person } = await signsIn(`callElastic(${params}, told)`);
    expect((await readRefusal(world, person)).event?.details['detail']).toContain(`callElastic: ${says} must be`);
    expect(endpoint.asked).toEqual([]);
  });
});

describe('A service on Choreo', () => {
  beforeAll(async () => {
    for (const [name, value] of [
      ['choreoKey', 'canary-key'],
      ['choreoId', 'canary-id'],
      ['choreoSecret', 'canary-secret'],
    ]) {
      await world.admin.post('/secrets', { name, value });
    }
  });

  it('gets an API key by the name of its secret', async () => {
    endpoint.answers(({ headers }, response) => response.end(JSON.stringify({ echo: headers['api-key'] })));
    const { told } = await signsIn("callChoreo({ url: url, apiKeyAlias: 'choreoKey' }, {}, told)");
    expect(endpoint.asked[0]?.headers['api-key']).toBe('canary-key');
    expect(told.join()).toContain('success');
    expect(told.join()).not.toContain('canary');
  });

  it('gets a token for a key and a secret by their names', async () => {
    endpoint.answers(({ path }, response) => response.end(path === '/token' ? '{"access_token":"t"}' : '{}'));
    const { told } = await signsIn(
      "callChoreo({ url: url, consumerKeyAlias: 'choreoId', consumerSecretAlias: 'choreoSecret', asgardeoTokenEndpoint: url + '/token' }, {}, told)",
    );
    expect(told).toEqual(['success {}']);
    expect(endpoint.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/token', `Basic ${Buffer.from('canary-id:canary-secret').toString('base64')}`],
      ['/', 'Bearer t'],
    ]);
  });

  it.each([
    ['an API key rather than a token', "apiKey: 'k', consumerKey: 'c', consumerSecret: 's'"],
    ['what it is given rather than what a secret is', "apiKey: 'k', apiKeyAlias: 'choreoKey'"],
  ])('is called with %s', async (_what, metadata) => {
    const { told } = await signsIn(`callChoreo({ url: url + '/risk', ${metadata} }, { ip: 1 }, told)`);
    expect(told).toEqual(['success {}']);
    expect(endpoint.asked).toHaveLength(1);
    expect(endpoint.asked[0]).toMatchObject({ path: '/risk', body: '{"ip":1}', headers: { 'api-key': 'k' } });
  });

  it('has its tokens from Choreo where the script names nobody else', async () => {
    const call = "callChoreo({ url: url, consumerKey: 'c', consumerSecret: 's' }, {}, { onSuccess: function () {} })";
    const { code, event } = await readRefusal(world, (await signsIn(call)).person);
    expect(code).toBe('EGRESS_REFUSED');
    expect(event?.details['detail']).toContain('sts.choreo.dev is not in STEPGATE_EGRESS_HOSTS');
    expect(endpoint.asked).toEqual([]);
  });

  it.each([
    ['{ url: url }', 'connectionMetadata must have consumerKey or apiKey'],
    ["{ apiKey: 'k' }", 'callChoreo: url must be an absolute URL'],
    ["{ url: url, consumerKey: 'c' }", 'must have consumerSecret, a text'],
    ["{ url: url, consumerKey: 'c', consumerSecret: 's', asgardeoTokenEndpoint: 'x' }", 'tokenEndpoint must be a URL'],
  ])('is not called with %s', async (metadata, says) => {
    const { person } = await signsIn(`callChoreo(${metadata}, {}, told)`);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toContain(says);
    expect(endpoint.asked).toEqual([]);
  });

  it('is not called when a secret of that name is not there', async () => {
    const { person } = await signsIn("callChoreo({ url: url, apiKeyAlias: 'choreoKy' }, {}, told)");
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event?.details['detail']).toContain(
      'callChoreo: connectionMetadata.apiKeyAlias: There is no secret «choreoKy».',
    );
    expect(event?.details['detail']).toContain('(line 9,');
    expect(endpoint.asked).toEqual([]);
  });
});

describe('Without these servers', () => {
  it('a call is an onFail whose reason the admin reads', async () => {
    const bare = await startWorld();
    try {
      await bare.addUser('ann');
      await bare.publish({
        script: `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
          callAnalytics({ ReceiverUrl: '/x' }, {}, { onSuccess: function () {} });
        } }); }`,
      });
      const person = await beginsSignIn(bare);
      await typesPassword(person, 'ann');
      const { code, event } = await readRefusal(bare, person);
      expect(code).toBe('CALL_FAILED');
      expect(event?.details['detail']).toContain('STEPGATE_ANALYTICS_URL is not set.');
    } finally {
      await bare.close();
    }
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, type Endpoint } from '../stories/endpoint.ts';
import { askApplication, beginsSignIn, loginIdOf, readScriptLog, typesPassword } from '../stories/moves.ts';
import { password, startWorld, type World } from '../stories/world.ts';

/*
 * A script that tries to carry secrets out: what it may send and must not see, what the person types, and what belongs to
 * the server. The quiet ways (logs, claims, the API) are told in test/stories/secrets.test.ts; these are all the others.
 */

const key = 'canary/7f3a+"of the partner"';
const token = 'the-owner-of-this-server-0123456789abcdef';
let world: World;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await createEndpoint();
  const hosts = `127.0.0.1,localhost,${new URL(endpoint.url).hostname}`;
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: hosts, STEPGATE_ADMIN_TOKEN: token } });
  await world.addUser('ann');
  await world.admin.post('/secrets', { name: 'KEY', value: key });
  // It gives back what it is sent, in every spelling.
  endpoint.answers(({ headers, body }, response) =>
    response.end(JSON.stringify({ headers, body, forms: spellingsOf(String(headers['x-key'] ?? '')) })),
  );
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(() => endpoint.forget());

function spellingsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
}

/** All that a script can find from its context, as one text; and a text in all spellings that might be filled in or not be seen. */
const loot = `var loot = '';
  function spellings(text) {
    var letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', bits = '', base64 = '';
    for (var i = 0; i < text.length; i++) bits += ('0000000' + text.charCodeAt(i).toString(2)).slice(-8);
    for (var j = 0; j < bits.length; j += 6) base64 += letters[parseInt((bits.slice(j, j + 6) + '00000').slice(0, 6), 2)];
    return [text, encodeURIComponent(text), base64, JSON.stringify(text), text.split('').join(' '), text.toUpperCase()].join(' ');
  }
  function gather(value, depth) {
    if (value !== null && typeof value === 'object' && depth < 7) {
      var names = Object.getOwnPropertyNames(value);
      for (var i = 0; i < names.length; i++) { try { loot += names[i] + '='; gather(value[names[i]], depth + 1); } catch (e) {} }
    } else { loot += String(value) + ';'; }
  }`;

const ways: readonly [string, string][] = [
  ['an error', 'throw new Error(loot);'],
  ['a refusal that the application is told', 'fail({ errorCode: loot, errorMessage: loot, errorURI: loot });'],
  ['a redirect', `sendError('ENDPOINT/taken', { loot: loot.slice(-1500) });`],
  ['a page', `prompt('genericForm', { inputs: [{ id: 'a', label: loot.slice(-1500) }] }, {});`],
  ['a header of the answer', `context.response.headers['X-Loot'] = loot; executeStep(2);`],
  ['a level', 'context.selectedAcr = loot;'],
  [
    'claims',
    'context.currentKnownSubject.claims.loot = loot; context.currentKnownSubject.localClaims.nickname = loot;',
  ],
  ['parameters of an authenticator', `executeStep(2, { authenticatorParams: { common: { loot: loot } } }, {});`],
  ['a cookie-like name of a parameter', 'context.endpointParams[loot.slice(-500)] = loot; executeStep(2);'],
];

describe('no secret gets out by', () => {
  it.each(ways)('%s', async (_it, way) => {
    await world.publish({
      steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }, { options: [{ authenticator: 'totp' }] }],
      script: `${loot}
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    httpGet('${endpoint.url}/echo', { 'X-Key': secrets.KEY }, { onSuccess: function (context, data) {
      gather(data, 0); gather(context, 0); gather(context.request, 0); 
      loot += spellings(secrets.KEY);
      Log.info(loot);
      ${way.replace('ENDPOINT', endpoint.url)}
    } });
  } });
}`,
    });
    const person = await beginsSignIn(world);
    const login = loginIdOf(person);
    const { url, forms } = person.page();
    const ownCookie = /sg_login=([^;]+)/.exec(await person.cookiesFor(url))![1]!;
    const csrf = forms.flatMap(({ fields }) => fields).find(({ name }) => name === 'csrf')!.value!;
    await typesPassword(person, 'ann');
    expect(endpoint.asked[0]?.headers['x-key']).toBe(key);

    const hidden = { key, password, token, ownCookie, csrf };
    const page = person.page();
    const seen = {
      log: (await readScriptLog(world, login)).join('\n'),
      page: JSON.stringify([page.url, page.text, page.links, page.title]),
      application: page.url.startsWith(world.application.url)
        ? JSON.stringify(await askApplication(world, person))
        : '',
      taken: JSON.stringify(endpoint.asked.slice(1)),
      serverLog: JSON.stringify(world.log),
      events: JSON.stringify(await world.app.database.read.audit.list({ after: null, limit: 50 })),
      people: JSON.stringify(await world.users()),
      files: readdirSync(world.directory)
        .filter((name) => name.startsWith('stepgate.db'))
        .map((name) => readFileSync(join(world.directory, name), 'latin1'))
        .join(''),
    };
    expect(seen.log).toContain('secret~KEY~1~');
    const found = Object.entries(hidden).flatMap(([what, secret]) =>
      Object.entries(seen)
        .filter(([, text]) => spellingsOf(secret).some((form) => text.includes(form)))
        // The page that the person sees carries its own token.
        .map(([where]) => `${what} in ${where}`),
    );
    expect(found).toEqual([]);
  });
});

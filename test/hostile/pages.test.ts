import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../src/cli/demo/read-page.ts';
import { beginsSignIn } from '../stories/moves.ts';
import { startWorld, type World } from '../stories/world.ts';

/** What a script puts into pages stays text, of a length and direction that leave the page as it is. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const hostile = `'<img src=x onerror=alert(1)></p></form><form action=//evil.example>"\\' onload=alert(2) {evil} &lt;b&gt;'`;
const bidi = "'\\u202Etxt.exe\\u2066\\u2069\\u200F'";
const ask = (data: string) => `prompt('genericForm', ${data}, {});`;

describe('a page of a script is safe with', () => {
  it.each([
    ['markup in a label', ask(`{ inputs: [{ id: 'a', label: ${hostile} }] }`)],
    ['marks of direction in a label', ask(`{ inputs: [{ id: 'a', label: ${bidi} }] }`)],
    ['a label of half a million characters', ask("{ inputs: [{ id: 'a', label: 'x'.repeat(5e5) }] }")],
    [
      'markup in the title',
      `context.endpointParams.title = ${hostile}; prompt('hostile', { title: ${hostile}, text: ${hostile} }, {});`,
    ],
    [
      'names that mean something to JavaScript',
      `context.endpointParams.__proto__ = 'x'; prompt('hostile', JSON.parse('{"toString": "y", "constructor": "z"}'), {});`,
    ],
    [
      'a hundred thousand places',
      "const d = {}; for (let i = 0; i < 1e4; i++) d['k' + i] = i; prompt('hostile', d, {});",
    ],
  ])('%s', async (_it, body) => {
    await world.publish({
      script: `function onLoginRequest(context) { ${body} }`,
      promptTemplates: [{ name: 'hostile', version: 1, template: { title: 'Title {title}', text: ['Text {text}.'] } }],
    });
    const person = await beginsSignIn(world);
    const { url, status } = person.page();
    expect(status).toBe(200);
    const answer = await fetch(url, { headers: { cookie: await person.cookiesFor(url) } });
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(html.length).toBeLessThan(50_000);
    expect(html).not.toMatch(/<img src=x|<form[^>]*evil|[\u202a-\u202e\u2066-\u2069]/);
    expect(html).not.toMatch(/<[^>]*\son\w+\s*=/);
    const targets = readPage({ html, url, status: 200 }).forms.map(({ action }) => new URL(action).origin);
    expect(new Set(targets)).toEqual(new Set([world.url]));
  });

  it.each([
    ['inputs that are no list', ask('{ inputs: { length: 2, 0: {}, 1: {} } }')],
    ['a field that asks for a password', ask("{ inputs: [{ id: 'password', label: 'Password' }] }")],
    ['a name with markup', ask(`{ inputs: [{ id: ${hostile}, label: 'x' }] }`)],
    [
      'data that set a prototype',
      ask(`JSON.parse('{"inputs": [{"id": "a", "label": "A"}], "__proto__": {"title": "y"}}')`),
    ],
    ['a text of a megabyte', ask("{ inputs: [{ id: 'a', label: 'evil '.repeat(2e5) }] }")],
    ['a template that is not there', `prompt(${hostile}, {});`],
    ['an error with markup', `throw new Error(${hostile} + ${bidi});`],
    ['a refusal with markup, at our own page', `sendError('', { message: ${hostile} });`],
  ])('%s, which ends the sign-in', async (_it, body) => {
    await world.publish({ script: `function onLoginRequest(context) { ${body} }` });
    const person = await beginsSignIn(world);
    const { heading, text } = person.page();
    expect(heading).toBe('You are not signed in');
    expect(text).not.toMatch(/alert|evil|txt\.exe/);
  });
});

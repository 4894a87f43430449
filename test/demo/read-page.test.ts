import { describe, expect, test } from 'vitest';
import { readPage } from '../../src/cli/demo/read-page.ts';

const read = (html: string) => readPage({ html, url: 'https://login.example.com/login/7?step=1', status: 200 });

// What a form sends untouched: name, value pairs; null is a box that is not ticked.
const controls: [html: string, fields: [string, string | null][]][] = [
  ['<input name="a">', [['a', '']]],
  ['<input name="a" value="1 &amp; 2 &quot;x&quot;">', [['a', '1 & 2 "x"']]],
  ['<input type="hidden" name="csrf" value="t">', [['csrf', 't']]],
  ['<input value="no name">', []],
  ['<input type="checkbox" name="a">', [['a', null]]],
  ['<input type="checkbox" name="a" checked>', [['a', 'on']]],
  ['<input type="CHECKBOX" name="a" value="yes" checked>', [['a', 'yes']]],
  [
    '<input type="radio" name="a" value="1"><input type="radio" name="a" value="2" checked>',
    [
      ['a', null],
      ['a', '2'],
    ],
  ],
  ['<select name="a"><option>one<option value="2" selected>two</select>', [['a', '2']]],
  ['<select name="a"><option> one <option>two</select>', [['a', 'one']]],
  ['<select name="a"></select>', [['a', null]]],
  ['<textarea name="a">\nline 1\nline 2</textarea>', [['a', 'line 1\nline 2']]],
  ['<input name="a" disabled>', []],
  ['<fieldset disabled><input name="a"></fieldset><input name="b">', [['b', '']]],
  ['<input type="submit" name="a" value="Go"><button name="b" value="1">Go</button>', []],
  ['<input type="file" name="a">', []],
  ['<template><input name="a"></template>', []],
  ['<!-- <input name="a"> -->', []],
  [
    "<input name='a' value=unquoted><input name=b value='<i>'>",
    [
      ['a', 'unquoted'],
      ['b', '<i>'],
    ],
  ],
];

describe('the fields of a form', () => {
  test.each(controls)('%s', (html, fields) => {
    const [form] = read(`<form>${html}</form>`).forms;
    expect(form?.fields.map(({ name, value }) => [name, value])).toEqual(fields);
  });
});

const targets: [html: string, action: string, method: string][] = [
  ['<form></form>', 'https://login.example.com/login/7?step=1', 'get'],
  ['<form action="">', 'https://login.example.com/login/7?step=1', 'get'],
  ['<form method="POST" action="/login/8">', 'https://login.example.com/login/8', 'post'],
  ['<form method="dialog" action="next">', 'https://login.example.com/login/next', 'get'],
  ['<base href="https://other.example/x/"><form action="y">', 'https://other.example/x/y', 'get'],
];
test.each(targets)('%s goes to %s by %s', (html, action, method) => {
  expect(read(html).forms[0]).toMatchObject({ action, method });
});

test('buttons: those that send, in order, with their own target', () => {
  const [form] = read(`<form id="f"><button name="option" value="Google"><b>Continue</b> with
    Google</button><button type="button">Show</button><button type="reset">Reset</button>
    <input type="submit" value="Save"></form><button form="f" formaction="/away" name="action" value="cancel">Cancel</button>`).forms;
  expect(form?.buttons).toEqual([
    { name: 'option', value: 'Google', text: 'Continue with Google', action: null },
    { name: '', value: 'Save', text: 'Save', action: null },
    { name: 'action', value: 'cancel', text: 'Cancel', action: 'https://login.example.com/away' },
  ]);
});

test('a field outside belongs to the form that it names', () => {
  const [first, second] = read('<form id="a"></form><form id="b"></form><input form="b" name="x">').forms;
  expect([first?.fields.length, second?.fields.length]).toEqual([0, 1]);
});

test('texts: title, heading, alerts, codes and links; no scripts, styles or hidden parts', () => {
  const page = read(`<!doctype html><title>Error: Sign in</title><style>p{}</style><script>hide()</script>
    <h1>Sign <em>in</em></h1><p hidden>secret</p><div role="alert"><p>Wrong</p><p>Try again</p></div>
    <code>JBSW Y3DP</code> <a href="/forgot"><span aria-hidden="true">?</span>Forgot?</a> <a href="otpauth://totp/x">App</a>`);
  expect(page).toMatchObject({
    title: 'Error: Sign in',
    heading: 'Sign in',
    text: 'Sign in Wrong Try again JBSW Y3DP Forgot? App',
    alerts: ['Wrong Try again'],
    codes: ['JBSW Y3DP'],
    links: [{ text: 'Forgot?', url: 'https://login.example.com/forgot' }],
  });
});

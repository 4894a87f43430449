import { expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import type { Bundle, Entry, Question } from '../../sandbox/protocol.ts';
import { bundle, patient, startedAt } from './world.ts';

/** J6: what a function marks as secret is in the journal as a keyed hash, and compared as one. */

const hashKey = 'a key';
const made = (script: string, key = hashKey): Bundle => ({
  ...bundle(`function onLoginRequest() { ${script} }`),
  functions: [{ name: 'check', kind: 'read', hidden: [1] }],
  hashKey: key,
});

function ask(of: Bundle, journal: Entry[] = []) {
  const questions: Question[] = [];
  const result = play(of, journal, patient, (question) => {
    questions.push(question);
    return { answer: question.op === 'start' ? JSON.stringify({ at: startedAt, seed: 1, request: {} }) : 'true' };
  });
  return { result, journal, asked: questions.filter(({ op }) => op === 'check') };
}

it('the server gets the value, the journal its hash', () => {
  const { asked, journal } = ask(made(`check('a', 'canary', 'b')`));
  expect(asked[0]?.plainArgs).toBe('["a","canary","b"]');
  expect(journal[1]?.args).toMatch(/^\["a",\{"\$hash":"[\w-]{43}"\},"b"\]$/);
  expect(asked[0]?.args).toBe(journal[1]?.args);
});

it.each([
  ['the same value plays on', `check('a', 'canary')`, hashKey, 'ends'],
  ['another value differs', `check('a', 'canary2')`, hashKey, 'differs'],
  ['another key differs', `check('a', 'canary')`, 'another key', 'differs'],
  ['the hash itself is no value', `check('a', { $hash: 'x' })`, hashKey, 'differs'],
])('played again, %s', (_what, script, key, kind) => {
  const { journal } = ask(made(`check('a', 'canary')`));
  const again = ask(made(script, key), journal);
  expect(again.result.kind).toBe(kind);
  expect(again.asked).toEqual([]);
});

it('arguments that are not given, and null, are not hidden', () => {
  const { journal } = ask(made(`check('a'); check('a', null)`));
  expect(journal.slice(1).map(({ args }) => args)).toEqual(['["a"]', '["a",null]']);
});

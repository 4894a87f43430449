import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import { bundle, createWorld, ending, lines, login, patient, playWhole, startedAt } from './world.ts';

/*
 * The clock canary: everything that a script can reach is called in all kinds of ways, under another clock, zone and
 * locale, and must say the same.
 */

/** One line for each function: its path, and what it gave to each receiver with each list of arguments. */
const canary = login(`
  const skip = /^(executeStep|fail|sendError|hasRole|auditThis|httpGet|fetchJson|prompt|selectAcrFrom|onLoginRequest|Log|console|require|loadLocalLibrary)\\b/;
  const receivers = [undefined, new Date(0), new Date(2020, 6, 1, 12), 'Ii\\u0130', 1234567.891, 12345678901234567890n, [1234.5, new Date(0), 'b'],
    new Float64Array([1234.5]), new Map([[1, 2]]), /x/, {}];
  const argumentLists = [[], ['a'], ['b', 'B'], [2020, 6, 1], [{}, {}], ['2020-07-01T12:00'], [undefined, { dateStyle: 'full' }]];
  const show = (value) => {
    try { return typeof value === 'object' ? JSON.stringify(value) + String(value) : String(value); } catch (e) { return e.name; }
  };
  const seen = new Set();
  (function walk(value, path) {
    if (value === null || !/^(object|function)$/.test(typeof value) || seen.has(value) || skip.test(path)) return;
    seen.add(value);
    if (typeof value === 'function') {
      let text = path;
      for (const receiver of receivers) for (const args of argumentLists) {
        try { text += '|' + show(Reflect.apply(value, receiver, args)); } catch (e) { text += '|' + e.name; }
      }
      for (const args of argumentLists) {
        try { text += '|' + show(Reflect.construct(value, args)); } catch (e) { text += '|' + e.name; }
      }
      for (let i = 0; i < text.length; i += 1000) Log.info(text.slice(i, i + 1000));
    }
    for (const key of Reflect.ownKeys(value)) {
      const own = Object.getOwnPropertyDescriptor(value, key);
      if (own) walk('value' in own ? own.value : own.get, path === '' ? String(key) : path + '.' + String(key));
    }
    walk(Object.getPrototypeOf(value), path + '.#proto');
  })(globalThis, '');
  executeStep(1);`);

const limits = { ...patient, logLines: 100_000 };
let here: string[];

beforeAll(() => {
  const { result } = playWhole(canary, [], limits);
  expect(ending(result)).toBe('success');
  here = lines(result);
});

describe('everything a script can call', () => {
  it('is called', () => {
    const text = here.join('');
    for (const name of [
      'Date.now|',
      'Date.prototype.toLocaleString|',
      'Math.random|',
      'String.prototype.localeCompare|',
    ]) {
      expect(text).toContain(name);
    }
    expect(here.length).toBeGreaterThan(400);
    // What leads to the real clock, zone or locale is not there to be called.
    expect(text).not.toMatch(/\b(Temporal|Intl)\.|toTemporalInstant/);
  });

  it('says the same when it is called later', () => {
    expect(lines(playWhole(canary, [], limits).result)).toEqual(here);
  });

  it.each([
    ['Pacific/Apia', 'de_DE.UTF-8'],
    ['Asia/Kolkata', 'ar_EG.UTF-8'],
    ['America/New_York', 'tr_TR.UTF-8'],
  ])('says the same in %s and %s', (TZ, LC_ALL) => {
    const play = fileURLToPath(new URL('./play-under.ts', import.meta.url));
    const args = ['--no-node-snapshot', '--no-warnings', play, canary];
    const env = { TZ, LC_ALL, LANG: LC_ALL, LANGUAGE: LC_ALL };
    const text = execFileSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(JSON.parse(text)).toEqual(here);
  });

  it('knows only the time of the answer', () => {
    const text = here.join('');
    expect(text).toContain(String(startedAt));
    const now = Date.now();
    const numbers = (text.match(/\d{10,13}/g) ?? []).map(
      (digits) => Number(digits) * (digits.length === 10 ? 1000 : 1),
    );
    expect(numbers.filter((number) => Math.abs(number - now) < 86_400_000)).toEqual([]);
    expect(text).not.toContain(new Date(now).toISOString().slice(0, 10));
  });
});

it('nothing is played in a process of another zone', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  try {
    expect(() => playWhole(login('executeStep(1);'))).toThrow('TZ=UTC');
  } finally {
    process.env['TZ'] = zone;
  }
});

it('chance is the sign-in’s own: the same whenever it is played, and another in another one', () => {
  const script = login('Log.info(Math.random(), Math.random()); executeStep(1);');
  const throwDice = (seed: number) => {
    const { answer } = createWorld();
    const result = play(bundle(script), [], patient, (question) => {
      const reply = answer(question) as { answer: string };
      return question.op === 'start' ? { answer: JSON.stringify({ ...JSON.parse(reply.answer), seed }) } : reply;
    });
    return lines(result)[0]!.split(' ').map(Number);
  };
  const dice = [1, 2, 2 ** 31 - 1].map(throwDice);
  expect([1, 2, 2 ** 31 - 1].map(throwDice)).toEqual(dice);
  expect(new Set(dice.flat()).size).toBe(6);
  for (const chance of dice.flat()) expect(chance >= 0 && chance < 1).toBe(true);
});

import { isIP } from 'node:net';
import type { Read } from '../../../sandbox/protocol.ts';
import { claimName } from '../../directory/claims.ts';
import type { WrittenFor, WrittenValues } from '../../validator/compared-values.ts';
import type { Alternative } from './choices.ts';

/** What has been chosen for the things that a path's script read, by their keys. */
export type Values = ReadonlyMap<string, unknown>;

/** As many values as are tried for one thing: it is open all the same. */
const mostTried = 8;
/** A Tuesday at noon, a Sunday in the night and a Tuesday evening. */
const times = ['2026-11-24T12:00:00Z', '2026-11-29T03:00:00Z', '2026-11-24T20:00:00Z'];
/** Their first numbers are in the middle, near 0 and near 1. */
const seeds = [10, 7, 36];
export const usualSeed = seeds[0]!;
export const usualTime = Date.parse(times[0]!);
export const usualIp = '203.0.113.7';
export const usualName = 'somebody';
/** A text that no script compares with. */
export const otherText = 'something else';

export interface Described {
  /** As a script would write it. */
  name: string;
  key: string;
  alternatives: readonly { label: string; value: unknown }[];
  /** Why the alternatives are not all that there could be; null where they are. */
  open: string | null;
}

/** What a script that reads this could find there: its own literals, and one other value. */
export function describeRead(
  { what, of }: Pick<Read, 'of'> & { what: Exclude<Read['what'], 'provisioning'> },
  writtenFor: WrittenFor,
): Described {
  const [first, second] = of as string[];
  const written = writtenFor(nameOf(what, of));
  switch (what) {
    case 'clock': {
      const alternatives = times.map((time) => ({ label: time, value: Date.parse(time) }));
      return { name: 'the clock', key: 'clock', alternatives, open: 'the time of the day is not a matter of cases' };
    }
    case 'chance':
      return {
        name: 'Math.random()',
        key: 'chance',
        alternatives: seeds.map((seed) => ({ label: `seed ${seed}`, value: seed })),
        open: 'chance is not a matter of cases',
      };
    case 'ip':
      return describe('context.request.ip', 'ip', usualIp, addressesIn(written.strings));
    case 'header':
      return describe(`context.request.headers[${quote(first!)}]`, keyOf('header', first!), undefined, [
        ...written.strings,
        otherText,
      ]);
    case 'cookie':
      return describe(`context.request.cookies[${quote(first!)}]`, keyOf('cookie', first!), undefined, [
        ...written.strings,
        otherText,
      ]);
    case 'param':
      return describe(`context.request.params[${quote(second!)}]`, keyOf('param', ...of), undefined, [
        ...written.strings,
        otherText,
      ]);
    case 'claim':
      return describe(`localClaims[${quote(claimName(second!))}]`, keyOf('claim', ...of), undefined, [
        ...asTexts(written),
        otherText,
      ]);
    case 'remote claim':
      return describe(`remoteClaims[${quote(second!)}]`, keyOf('remote claim', ...of), undefined, [
        ...literals(written),
        otherText,
      ]);
    case 'data':
      return describe(`data[${quote(second!)}]`, keyOf('data', ...of), undefined, [...literals(written), otherText]);
    case 'field':
      return describeField(first!, second!, written);
    case 'best acr value': {
      const wanted = (Array.isArray(of[0]) ? of[0] : []).map(String);
      const alternatives = [null, ...new Set(wanted)].map((acr) => ({
        label: acr ?? 'none of them',
        value: acr === null ? [] : [acr],
      }));
      return { name: 'requested ACR values', key: 'acr values', alternatives, open: null };
    }
    case 'acr values': {
      const alternatives = listsOf(written);
      return {
        name: 'context.requestedAcr',
        key: 'acr values',
        alternatives: alternatives.map((value) => ({ label: JSON.stringify(value), value })),
        open: 'an application may ask for any values',
      };
    }
    case 'typed name':
      return describe('context.request.params["username"]', 'typed name', usualName, [...written.strings, otherText]);
    case 'failed user': {
      const alternatives = [false, true].map((value) => ({ label: value ? 'somebody' : 'nobody', value }));
      return { name: 'context.lastLoginFailedUser', key: 'failed user', alternatives, open: null };
    }
  }
}

/** The member by which the script comes to it. */
function nameOf(what: Read['what'], of: readonly unknown[]): string {
  const names: Partial<Record<Read['what'], string>> = {
    'acr values': 'requestedAcr',
    'failed user': 'lastLoginFailedUser',
    'typed name': 'username',
    cookie: 'value',
  };
  return names[what] ?? String(of.at(-1) ?? what);
}

function describeField(ref: string, field: string, written: WrittenValues): Described {
  const key = keyOf('field', ref, field);
  if (field === 'userStoreDomain') {
    return { name: field, key, alternatives: [{ label: 'PRIMARY', value: 'PRIMARY' }], open: null };
  }
  if (field !== 'roles') return describe(field, key, usualName, written.strings);
  const alternatives = listsOf(written).map((value) => ({ label: JSON.stringify(value), value }));
  return { name: field, key, alternatives, open: 'there is no end of roles' };
}

function listsOf({ strings }: WrittenValues): string[][] {
  return [[], ...strings.slice(0, mostTried - 2).map((text) => [text]), [otherText]];
}

/** @param usual what stands there as long as nobody has read it */
function describe(name: string, key: string, usual: unknown, tried: readonly unknown[]): Described {
  const values = [usual, ...tried.slice(0, mostTried - 2), ...tried.slice(-1)];
  const alternatives = [...new Set(values)].map((value) => ({
    label: value === undefined ? 'absent' : JSON.stringify(value),
    value,
  }));
  return { name, key, alternatives, open: 'any value may stand there' };
}

export function keyOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/** A function's answer where its domain is open. */
export function openAnswers(tried: readonly unknown[], isText: boolean, written: WrittenValues): Alternative[] {
  const answers = [...tried, ...(isText ? [...written.strings.slice(0, mostTried), otherText] : [])];
  return answers.map((value) => ({
    label: JSON.stringify(value),
    answer: () => value,
    open: 'any answer may come',
  }));
}

function literals({ strings, numbers, words }: WrittenValues): unknown[] {
  return [...words, ...around(numbers), ...strings];
}

function asTexts({ strings, numbers, readsDates }: WrittenValues): string[] {
  return [...(readsDates ? ['2000-01-01'] : []), ...strings, ...around(numbers).map(String)];
}

/** A script compares with numbers: just below, at and just above. */
function around(numbers: readonly number[]): number[] {
  return [...new Set(numbers.flatMap((number) => [number - 1, number, number + 1]))];
}

/** Addresses that are written out, alone or with the length of their network. */
function addressesIn(strings: readonly string[]): string[] {
  return strings.map((text) => text.split('/')[0]!).filter((text) => isIP(text) !== 0);
}

function quote(name: string): string {
  return JSON.stringify(name);
}

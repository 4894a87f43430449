import { describe, expect, it } from 'vitest';
import { readShape } from '../../sandbox/read-arguments.ts';
import { type ValueTypeName, valueTypes } from '../../sandbox/value-types.ts';

/** Numbers and booleans may come as text or as themselves, wherever a function takes one. */

const read = (type: ValueTypeName, value: unknown) => {
  const said = readShape({ name: 'f', parameters: [{ name: 'it', type }] }, [value]);
  return 'fault' in said ? 'wrong' : said.values[0];
};

describe.each<[ValueTypeName, (readonly [given: unknown, taken: unknown])[]]>([
  [
    'number',
    [
      [3, 3],
      ['3', 3],
      [' 3 ', 3],
      ['-1.5', -1.5],
      [0, 0],
      ['0', 0],
      ['', 'wrong'],
      [' ', 'wrong'],
      ['three', 'wrong'],
      ['Infinity', 'wrong'],
      [true, 'wrong'],
      [[3], 'wrong'],
    ],
  ],
  [
    'boolean',
    [
      [true, true],
      ['true', true],
      [false, false],
      ['false', false],
      ['TRUE', 'wrong'],
      ['', 'wrong'],
      [0, 'wrong'],
      [1, 'wrong'],
    ],
  ],
  [
    'text',
    [
      ['x', 'x'],
      ['', ''],
      [3, '3'],
      [true, 'true'],
      [false, 'false'],
      [['x'], 'wrong'],
      [{}, 'wrong'],
    ],
  ],
  [
    'text or null',
    [
      [null, null],
      [3, '3'],
      [false, 'false'],
      [[], 'wrong'],
    ],
  ],
  [
    'texts',
    [
      [
        ['a', 2, true],
        ['a', '2', 'true'],
      ],
      [[], []],
      [['a', null], 'wrong'],
      [['a', ['b']], 'wrong'],
      ['a', 'wrong'],
    ],
  ],
  ...(['texts by name', 'texts to tell'] as const).map((type): [ValueTypeName, (readonly [unknown, unknown])[]] => [
    type,
    [
      [
        { a: 'x', b: 2, c: false },
        { a: 'x', b: '2', c: 'false' },
      ],
      [{}, {}],
      [{ a: 'x', b: null }, type === 'texts to tell' ? { a: 'x' } : 'wrong'],
      [{ a: {} }, 'wrong'],
      [['x'], 'wrong'],
      ['x', 'wrong'],
    ],
  ]),
])('a %s', (type, cases) => {
  it.each(cases)('%j is taken as %j', (given, taken) => {
    expect(read(type, given)).toEqual(taken);
  });

  it('says what it takes where something else is given', () => {
    const found = readShape({ name: 'f', parameters: [{ name: 'it', type }] }, [[[]]]);
    expect(found).toEqual({ fault: `f: it must be ${valueTypes[type].expected}, and [[]] was given.` });
  });
});

import { describe, expect, it } from 'vitest';
import { findWrittenValues } from '../../src/validator/compared-values.ts';
import { parseScript } from '../../src/validator/parse-script.ts';

function write(script: string) {
  const parsed = parseScript(script);
  if ('finding' in parsed) throw new Error(parsed.finding.message);
  const writtenFor = findWrittenValues(parsed.program);
  return (name: string | null) => {
    const { strings, numbers, words } = writtenFor(name);
    return [...strings, ...numbers, ...words];
  };
}
const anything = [true, false];

describe('what is only compared is tried with what it is compared with', () => {
  it.each([
    ['===', "data.risk === 'high'", ['high']],
    ['a constant in front', "'high' != data.risk", ['high']],
    [
      'two comparisons in two places',
      "if (data.risk === 'high') fail(); if (data.risk == 'low') fail();",
      ['high', 'low'],
    ],
    ['numbers', 'data.risk >= 70 || data.risk < 20', [70, 20]],
    ['true', 'data.risk === true', [true]],
    ['undefined, which is as null', 'data.risk !== undefined', [null]],
    ['a negative number', 'data.risk > -1', [-1]],
    ['a text before it', "data.risk < '2026'", ['202', '2026']],
    ['a text before it, from the other side', "'m' <= data.risk || 'high' > data.risk", [' ', 'm', 'hig', 'high']],
    ['a text behind it', "data.risk > '2026' || '9' >= data.risk", ['2026', '2026~', '9', '9~']],
    ['a text that is equal to yes or no', 'data.risk == true || data.risk != false', ['1', '0', true, false]],
    ['a switch', "switch (data.risk) { case 'high': fail(); case 3: fail(); default: }", ['high', 3]],
    ['a name of one value', "var worst = 'high'; data.risk === worst", ['high']],
    ['its first value', "data.risk[0] === 'high'", ['high']],
    ['a name in brackets', "data['risk'] === 'high'", ['high']],
    ['a name that a variable has', "var key = 'risk'; data[key] === 'high'", ['high']],
    ['a chain', "data?.risk === 'high'", ['high']],
    ['whether it is true', 'if (data.risk) fail()', []],
    ['whether it is not, among others', "if (other() && !data.risk) fail(); data.risk === 'high' ? 1 : 2", ['high']],
    ['something else is given', "data.risk = 'none'; data.risk === 'high'", ['high']],
  ])('%s: %s', (_what, script, values) => {
    const written = write(`${script}; var text = 'written elsewhere';`);
    expect(written('risk')).toEqual(values);
    expect(written('other')).toContain('written elsewhere');
  });

  it.each(['http://wso2.org/claims/Risk', 'RISK', 'risk'])('a claim or header that is read as %s', (name) => {
    expect(write("user.localClaims['http://wso2.org/claims/risk'] === 'high'")(name)).toEqual(['high']);
  });
});

describe('what it is compared with is tried for nothing else', () => {
  it('unless it is written elsewhere too', () => {
    const compared = "data.risk === 'high'; data.level === 'low';";
    expect(write(`${compared} keep(data.name)`)('name')).toEqual(anything);
    expect(write(`${compared} keep(data.name, 'high')`)('name')).toEqual(['high', ...anything]);
    expect(write(compared)(null)).toEqual(anything);
  });

  it('but for what is read by a name that the script does not have', () => {
    expect(write("data.risk === 'high'; fail({ errorMessage: 'No.' })")('*')).toEqual(['high', 'No.', ...anything]);
  });

  it('nor is what stands in an object by a name that the script only compares, or never looks at', () => {
    const refuses = "keep(data.name); fail({ errorCode: 'denied', errorMessage: 'No.' });";
    expect(write(refuses)('name')).toEqual(anything);
    expect(write(`${refuses} told.errorCode === 'other'`)('name')).toEqual(anything);
    expect(write(`${refuses} kept = told.errorCode;`)('name')).toEqual(['denied', ...anything]);
  });
});

describe('what something else is done with is tried with all values', () => {
  it.each([
    ['it goes into a variable', "var risk = data.risk; risk === 'high'"],
    ['it is an argument', "keep(data.risk); data.risk === 'high'"],
    ['it is returned', "function of() { return data.risk; } of() === 'high'"],
    ['a method of it is called', "data.risk.trim() === 'high'"],
    ['it is compared with what is not constant', "data.risk === other(); data.risk === 'high'"],
    ['it may be a key', "levels[data.risk] === 'high'"],
    ['it is a value by another name', "var own = { level: data.risk }; own.level === 'high'"],
    ['it is given to a member', "own.level = data.risk; own.level === 'high'"],
    ['its name is computed', "data[other()] === 'high'; data.risk === 'low'"],
    ['names are gone through', "for (var key in data) fail(); data.risk === 'high'"],
    ['it is taken apart', "var { risk } = data; risk === 'high'"],
    ['it is spread', "var own = { ...data }; data.risk === 'high'"],
    ['it is written as text', "JSON.stringify(data) === 'high'; data.risk === 'low'"],
    ['it is looked up', "Reflect.get(data, 'risk') === 'high'; data.risk === 'low'"],
    ['it is computed with', "data.risk + 'x' === 'high'"],
    ['it is added to', "data.risk += 'x'; data.risk === 'high'"],
    ['something else stands for it', "(data.risk ?? 'low') === 'high'"],
  ])('%s: %s', (_what, script) => {
    expect(write(`${script}; var text = 'written elsewhere';`)('risk')).toEqual(
      expect.arrayContaining(['high', 'written elsewhere', ...anything]),
    );
  });
});

it('tries no addresses of services, empty or very long texts, and what is compared comes first', () => {
  const script = `keep(data.risk, 'b', '', 'https://example.com', '${'x'.repeat(201)}'); of(data.risk) === 'a';`;
  expect(write(script)('risk')).toEqual(['a', 'b', ...anything]);
});

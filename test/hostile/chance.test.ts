import { describe, expect, it } from 'vitest';
import { essence, lines, login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Scripts that look for something that is not the same each time. Each is played twice, in whichever child is free. */

const arena = openArena();

const probes: Readonly<Record<string, string>> = {
  'the clock':
    'Date.now(), new Date(), Date(), new Date(2020, 6, 1), Date.parse("2020-07-01T00:00"), Reflect.construct(Date, [])',
  'a clock behind a subclass': 'new (class extends Date {})(), Date.prototype.constructor.now()',
  'the clock while it works':
    '(() => { const a = Date.now(); for (let i = 0; i < 1e5; i++); return Date.now() - a; })()',
  chance: 'Math.random(), Math.random(), [1, 2, 3, 4].sort(() => Math.random() - 0.5)',
  'zone and locale':
    'new Date(2020, 6, 1).toString(), new Date(0).toLocaleString(), (1e6).toLocaleString(), "i".toLocaleUpperCase(), "a".localeCompare("B"), [1.5, new Date(0)].toLocaleString()',
  'the order of names': 'Object.keys({ b: 1, 2: 1, a: 1, 1: 1 }), Object.getOwnPropertyNames(globalThis)',
  'places in a stack': '(() => { try { null.x; } catch (e) { return e.stack; } })()',
  'calendars and formats':
    'typeof Temporal, typeof Intl, typeof Intl === "undefined" || new Intl.DateTimeFormat().format(), typeof Temporal === "undefined" || Temporal.Now.instant()',
  'who comes first of many promises':
    '(() => { const order = []; for (let i = 0; i < 5; i++) Promise.resolve(i).then((n) => { order.push(n); if (n === 4) Log.info(order.join()); }); return order.length; })()',
  'what is collected': 'typeof WeakRef, typeof FinalizationRegistry, typeof gc, typeof performance, typeof crypto',
};

describe('the same comes out of', () => {
  it.each(Object.entries(probes))('%s', async (_name, code) => {
    const script = login(`executeStep(1); Log.info(${code});`);
    const first = await arena.attack({ script, ends: 'success' });
    const second = await arena.attack({ script, ends: 'success' });
    expect(essence(second.result)).toEqual(essence(first.result));
    expect(second.journal).toEqual(first.journal);
    const thisYear = new Date().getFullYear();
    expect(lines(first.result).join()).not.toContain(String(thisYear));
  });
});

it('a script that asks how deep its stack is fails closed, should it not be the same again', async () => {
  const script = login(
    'let deep = 0; (function f() { deep++; try { f(); } catch (e) {} })(); getMaskedValue(String(deep)); executeStep(1);',
  );
  await arena.attack({ script, ends: ['success', 'SCRIPT_TIMEOUT', 'SCRIPT_DIFFERS'] });
});

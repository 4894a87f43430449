import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/**
 * J14: suspension is invisible. Each script asks from within something that would see itself cut off: a handler of errors, a
 * built-in that is half done, code that runs behind the call. Its sandbox is thrown away at every question, and the script
 * must do, say and come to the same as in one go.
 */

const arena = openArena();
const ask = (what: string) => `getMaskedValue('${what}')`;
const body = (code: string, logs: string[]) => ({
  script: login(`executeStep(1, { onSuccess: (context) => { ${code} } });`),
  ends: 'success',
  logs,
});

describe('a script does not see that it was suspended', () => {
  arena.table(
    [
      {
        it: 'in try, catch and finally',
        ...body(
          `try { ${ask('a')}; throw 1; } catch (e) { Log.info('caught', e, ${ask('b')}); } finally { Log.info('finally', ${ask('c')}); }`,
          ['caught 1 *b', 'finally *c'],
        ),
      },
      {
        it: 'in a loop that catches everything',
        ...body(`let n = 0; for (let i = 0; i < 5; i++) try { ${ask('a')}; } catch (e) { n++; } Log.info(n);`, ['0']),
      },
      {
        it: 'while a list is sorted',
        ...body(`Log.info([3, 1, 2].sort((a, b) => { ${ask('s')}; return a - b; }).join(''));`, ['123']),
      },
      {
        it: 'in getters, setters and what turns objects into values',
        ...body(
          `const o = { n: 0, get a() { return ${ask('g')}; }, set a(v) { this.n += ${ask('v')}.length; }, [Symbol.toPrimitive]() { return ${ask('p')}; } };
           o.a = o.a; Log.info(o.n, \`\${o}\`, o + '');`,
          ['2 *p *p'],
        ),
      },
      {
        it: 'in generators, and in how they are closed',
        ...body(
          `function* g() { try { yield ${ask('1')}; yield ${ask('2')}; } finally { Log.info('closed', ${ask('3')}); } }
           for (const x of g()) { Log.info(x); break; } Log.info([...g()].join());`,
          ['*1', 'closed *3', 'closed *3', '*1,*2'],
        ),
      },
      {
        it: 'while JSON is written and read',
        ...body(
          `Log.info(JSON.stringify({ a: { toJSON: () => ${ask('w')} } }, (k, v) => (${ask('k')}, v)),
             JSON.parse('{"a":1}', (k, v) => (k ? ${ask('r')} : v)).a);`,
          ['{"a":"*w"} *r'],
        ),
      },
      {
        it: 'in the traps of a proxy',
        ...body(
          `const p = new Proxy({}, { get: (t, k) => ${ask('get')}, has: () => !!${ask('has')}, ownKeys: () => (${ask('keys')}, ['x']),
             getOwnPropertyDescriptor: () => (${ask('own')}, { value: 1, configurable: true, enumerable: true }) });
           Log.info(p.y, 'z' in p, Object.keys(p).join());`,
          ['*get true x'],
        ),
      },
      {
        it: 'at the end of a reduce, in what is passed to its last call',
        ...body(`Log.info([1, 2, 3].reduce((sum, n) => sum + n + ${ask('r')}.length, ${ask('i')}.length));`, ['14']),
      },
      {
        it: 'in a text that is replaced, split by its own rules, and tagged',
        ...body(
          `const tag = (t, ...v) => t.raw.join('|') + v.join(); Log.info('aba'.replace(/a/g, () => ${ask('x')}),
             'a-b'.split({ [Symbol.split]: () => [${ask('y')}] })[0], tag\`1\${${ask('z')}}2\`);`,
          ['*xb*x *y 1|2*z'],
        ),
      },
      {
        it: 'in classes: their fields, their static blocks and constructors of constructors',
        ...body(
          `class A { static { A.s = ${ask('s')}; } f = ${ask('f')}; constructor() { this.c = ${ask('c')}; } }
           class B extends A { constructor() { try { super(); } finally { ${ask('e')}; } } }
           const b = Reflect.construct(B, []); Log.info(A.s, b.f, b.c);`,
          ['*s *f *c'],
        ),
      },
      {
        it: 'in defaults, patterns and names that are computed',
        ...body(
          `const f = ({ [${ask('k')}]: v = ${ask('d')} } = {}, [w = ${ask('e')}] = []) => v + w; Log.info(f(), f({ '*k': 1 }, [2]));`,
          ['*d*e 3'],
        ),
      },
      {
        it: 'in microtasks, and in what makes a promise',
        ...body(
          `new Promise((go) => go(${ask('m')})).then((v) => Log.info(v, ${ask('t')})); (async () => { await null; Log.info(${ask('w')}); })();`,
          ['*m *t', '*w'],
        ),
      },
    ],
    'attackSuspended',
  );
});

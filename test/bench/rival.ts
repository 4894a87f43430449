/*
 * The same two turns in another sandbox, in a process of its own: a fresh realm for each, the script run from its start,
 * functions answered at once. It has no journal, no limits, no second process: only what running the script costs there.
 *
 * node rival.ts NAME QUESTIONS LOGINS prints the time of each login in milliseconds, as JSON.
 */
import { createRequire } from 'node:module';
import vm from 'node:vm';
import type { QuickJSSyncVariant } from 'quickjs-emscripten-core';
import { scriptText } from './script-sample.ts';

/** Opens a realm in which `hasRole` and `executeStep` exist; @returns how to run code in it, and how to leave it. */
type OpenRealm = () => { run(code: string): void; close(): void };

const prelude = 'var queue = []; function executeStep(step, handlers) { queue.push([step, handlers]); }';
const request = 'onLoginRequest({ steps: {} });';
const success = "queue[0][1].onSuccess({ steps: { 1: { idp: 'LOCAL', subject: {} } } });";
const hasRole = () => false;

const rivals: Record<string, () => Promise<OpenRealm>> = {
  async vm() {
    return () => {
      const context = vm.createContext({ hasRole });
      return { run: (code) => void vm.runInContext(code, context, { timeout: 1000 }), close() {} };
    };
  },
  async 'isolated-vm'() {
    const ivm = createRequire(import.meta.url)('isolated-vm') as typeof import('isolated-vm');
    return () => {
      const isolate = new ivm.Isolate({ memoryLimit: 16 });
      const context = isolate.createContextSync();
      context.global.setSync('hasRole', new ivm.Callback(hasRole));
      return {
        run: (code) => void context.evalSync(code, { timeout: 1000 }),
        close: () => isolate.dispose(),
      };
    };
  },
  async quickjs() {
    const { newQuickJSWASMModuleFromVariant } = await import('quickjs-emscripten-core');
    const { default: variant } = (await import('@jitl/quickjs-wasmfile-release-sync')) as unknown as {
      default: QuickJSSyncVariant;
    };
    const quickjs = await newQuickJSWASMModuleFromVariant(variant);
    return () => {
      const runtime = quickjs.newRuntime();
      const context = runtime.newContext();
      const answer = context.newFunction('hasRole', () => context.false);
      context.setProp(context.global, 'hasRole', answer);
      answer.dispose();
      return {
        run: (code) => context.unwrapResult(context.evalCode(code)).dispose(),
        close() {
          context.dispose();
          runtime.dispose();
        },
      };
    };
  },
  async ses() {
    await import('ses');
    lockdown({ errorTaming: 'unsafe' });
    return () => {
      const compartment = new Compartment({ globals: { hasRole, queue: [] }, __options__: true });
      // Functions of one evaluation are not seen by the next: the turns are one text.
      let text = '';
      return {
        run(code) {
          text += `${code}\n`;
          if (code === request || code === success) compartment.evaluate(text);
        },
        close() {},
      };
    };
  },
};

const [name = '', questions = '0', logins = '100'] = process.argv.slice(2);
const openRealm = await rivals[name]!();
const script = scriptText(Number(questions));

function turn(...calls: string[]): void {
  const realm = openRealm();
  for (const code of [prelude, script, ...calls]) realm.run(code);
  realm.close();
}

const times: number[] = [];
for (let i = -50; i < Number(logins); i++) {
  const begin = performance.now();
  turn(request);
  turn(request, success);
  if (i >= 0) times.push(performance.now() - begin);
}
console.log(JSON.stringify(times));

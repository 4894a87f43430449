import type ivm from 'isolated-vm';
import type { Ending } from './ending.ts';
import type { FreshIsolate } from './fresh-isolate.ts';
import type { Guest } from './guest-calls.ts';
import { describe } from './places.ts';
import type { Entry, Limits, Usage } from './protocol.ts';
import { createTurnMeter } from './turn-meter.ts';

/** The ways into the guest. */
export interface Turns {
  /** What runs from now on is charged to the turn of this entry. */
  openBy(seq: number): void;
  /** One callback: one entry into the guest, microtasks drained, promises settled (J7). */
  runCallback(callback: number, handler: string, answer: string): void;
  /** Runs a text at the top level, and gives its value; undefined when that ended the play. */
  runText(filename: string, text: string, columnOffset?: number): ivm.Reference | undefined;
  /** Runs code of ours in the guest, between turns. Where the machine starves it, nothing is decided. */
  runOwn(name: Parameters<Guest['call']>[0], args: string[]): string;
}

/** @param usage is kept up to date */
export function createTurns(
  { isolate, context, guest }: FreshIsolate,
  { journal, limits, usage, ending }: { journal: readonly Entry[]; limits: Limits; usage: Usage; ending: Ending },
): Turns {
  const meter = createTurnMeter(journal, limits, usage);
  let opener = 0;

  /** Runs guest code; a stop by the host is a verdict on the script, or `busy`. */
  function enter(run: (timeout: number) => void): void {
    const { fault, broke, late } = meter.measure(opener, run);
    if (ending.stopped && isolate.isDisposed) return;
    if (isolate.isDisposed) return ending.overruleMemory();
    if (fault) return ending.overrule(fault.code, fault.message, fault.limit);
    if (!broke) return;
    if (!late) throw broke.thrown;
    ending.stop({ kind: 'busy' }, false);
  }

  return {
    openBy(seq) {
      opener = seq;
    },
    runCallback(callback, handler, answer) {
      enter((timeout) => {
        const told = guest.call('runTurn', [callback, handler, answer], timeout);
        const [how, envelope] = JSON.parse(told) as [string, string];
        if (how === 'threw' && !ending.stopped) ending.failThrown(envelope);
        if (how === 'no-entry') ending.fail('SCRIPT_ERROR', 'The script defines no function onLoginRequest.');
      });
    },
    runText(filename, text, columnOffset = 0) {
      let script: ivm.Script;
      let value: ivm.Reference | undefined;
      ending.leaveTurn();
      try {
        script = isolate.compileScriptSync(text, { filename, columnOffset });
      } catch (thrown) {
        ending.fail('SCRIPT_SYNTAX', ...describe(thrown));
        return undefined;
      }
      ending.enterTurn('top level');
      try {
        enter((timeout) => {
          value = script.runSync(context, { timeout, reference: true });
        });
      } catch (thrown) {
        ending.fail('SCRIPT_ERROR', ...describe(thrown));
        return undefined;
      }
      return ending.stopped ? undefined : value;
    },
    runOwn(name, args) {
      const began = performance.now();
      try {
        return guest.call(name, args, limits.turnWallMs);
      } catch (thrown) {
        if (!isolate.isDisposed && meter.isLate(began)) ending.stop({ kind: 'busy' }, false);
        throw thrown;
      }
    },
  };
}

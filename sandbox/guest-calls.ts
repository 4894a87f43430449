import type ivm from 'isolated-vm';
import type { FreshIsolate } from './fresh-isolate.ts';
import { type Bundle, scriptHeaders } from './protocol.ts';

/** Our own program in the isolate, as the host calls it. */
export interface Guest {
  /** @param timeout milliseconds @throws what the guest throws, or that the isolate is gone or late */
  call(name: 'runTurn' | 'hear' | 'collect' | 'tellVariables', args: (string | number)[], timeout: number): string;
  /** Gives it values of the script's realm. */
  hand(name: 'addLibrary' | 'takeReaders', ...values: unknown[]): void;
}

const names = ['runTurn', 'hear', 'collect', 'addLibrary', 'takeReaders', 'tellVariables'];

/**
 * Sets our program up in the script's context.
 * @param host what it may say to us
 * @param longest characters that all arguments together may have
 */
export function openGuest(
  { makeGuest, context }: FreshIsolate,
  bundle: Bundle,
  { host, longest }: { host: ivm.Callback; longest: number },
): Guest {
  const { functions, steps, tenantDomain, serviceProviderName, watch } = bundle;
  const inspect = bundle.inspect !== undefined;
  const settings = { functions, steps, tenantDomain, serviceProviderName, scriptHeaders, watch, inspect, longest };
  const made = makeGuest.applySync(undefined, [host, context.global.derefInto(), JSON.stringify(settings)], {
    result: { reference: true },
  }) as ivm.Reference<Record<string, unknown>>;
  const verbs = new Map(names.map((name): [string, ivm.Reference] => [name, made.getSync(name, { reference: true })]));
  return {
    call: (name, args, timeout) => verbs.get(name)!.applySync(undefined, args, { timeout }) as string,
    hand: (name, ...values) => verbs.get(name)!.applySync(undefined, values),
  };
}

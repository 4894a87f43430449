import type ivm from 'isolated-vm';
import { type Bundle, type Limits, scriptHeaders } from './protocol.ts';

/** Our own program in the isolate, as the host calls it. */
export interface Guest {
  /** @param timeout milliseconds @throws what the guest throws, or that the isolate is gone or late */
  call(
    name: 'begin' | 'runTurn' | 'hear' | 'collect' | 'tellVariables',
    args: (string | number)[],
    timeout: number,
  ): string;
  /** Gives it values of the script's realm. */
  hand(name: 'addLibrary' | 'takeReaders', ...values: unknown[]): void;
}

/** What the guest says to the host: a verb, and what it is about. */
export type Saying = (verb: string, op: string, text: string, more: string, id: number) => string | undefined;

/** JSON text of what our program is made with. It is the same for most plays of a server: whatever is a login's own comes later. */
export type GuestSettings = string;

export function readSettings(
  { functions, watch, inspect }: Pick<Bundle, 'functions' | 'watch' | 'inspect'>,
  { argumentBytes: longest }: Pick<Limits, 'argumentBytes'>,
): GuestSettings {
  return JSON.stringify({ functions, scriptHeaders, watch, inspect: inspect !== undefined, longest });
}

const names = ['begin', 'runTurn', 'hear', 'collect', 'addLibrary', 'takeReaders', 'tellVariables'];

/**
 * Sets our program up in the script's context.
 * @param makeGuest the program, compiled and not yet run: `(host, realm, settings) => { begin, runTurn, hear, … }`
 */
export function openGuest(
  makeGuest: ivm.Reference,
  context: ivm.Context,
  host: ivm.Callback,
  settings: GuestSettings,
): Guest {
  const made = makeGuest.applySync(undefined, [host, context.global.derefInto(), settings], {
    result: { reference: true },
  }) as ivm.Reference<Record<string, unknown>>;
  const verbs = new Map(names.map((name): [string, ivm.Reference] => [name, made.getSync(name, { reference: true })]));
  return {
    call: (name, args, timeout) => verbs.get(name)!.applySync(undefined, args, { timeout }) as string,
    hand: (name, ...values) => verbs.get(name)!.applySync(undefined, values),
  };
}

import ivm from 'isolated-vm';
import { guestSource } from './guest-source.ts';

/** An isolate with a context that no script has ever run in. The context serves one play. */
export interface FreshIsolate {
  /** Thrown away after the play, unless it is kept for the next path of one script. */
  isolate: ivm.Isolate;
  keeps: boolean;
  context: ivm.Context;
  memoryMiB: number;
  /** Our own program, compiled and not yet run: `(host, realm, settings) => { runTurn, hear, collect, addLibrary, … }`. */
  makeGuest: ivm.Reference;
}

/**
 * What V8 made of our program the first time. It comes from this process, of our own source, before any script runs here,
 * and never leaves it: V8 trusts such data blindly, so none may come from elsewhere.
 */
let compiled: ivm.ExternalCopy<ArrayBuffer> | undefined;

/** Takes about a millisecond, which a child spends between two plays rather than while somebody waits. */
export function makeFreshIsolate(memoryMiB: number): FreshIsolate {
  // No `onCatastrophicError`: it is called by the thread that plays, which would sleep for ever; without, V8 aborts.
  return makeContext(new ivm.Isolate({ memoryLimit: memoryMiB }), memoryMiB, false);
}

/** The same in an isolate that is there already, which takes a third of the time. */
export function makeContext(isolate: ivm.Isolate, memoryMiB: number, keeps: boolean): FreshIsolate {
  const context = isolate.createContextSync();
  const program = isolate.compileScriptSync(guestSource(), {
    filename: 'guest.js',
    ...(compiled ? { cachedData: compiled } : { produceCachedData: true }),
  });
  compiled ??= (program as ivm.Script & ivm.CachedDataResult).cachedData;
  return { isolate, keeps, context, memoryMiB, makeGuest: program.runSync(context, { reference: true }) };
}

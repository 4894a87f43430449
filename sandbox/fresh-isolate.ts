import ivm from 'isolated-vm';
import { guestSource } from './guest-source.ts';

/** An isolate that no script has ever run in. It serves one play and is thrown away. */
export interface FreshIsolate {
  isolate: ivm.Isolate;
  context: ivm.Context;
  memoryMiB: number;
  /** Our own program, compiled and not yet run: `(host, realm, settings) => { runTurn, hear, collect, addLibrary }`. */
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
  const isolate = new ivm.Isolate({ memoryLimit: memoryMiB });
  const context = isolate.createContextSync();
  const program = isolate.compileScriptSync(guestSource(), {
    filename: 'guest.js',
    ...(compiled ? { cachedData: compiled } : { produceCachedData: true }),
  });
  compiled ??= (program as ivm.Script & ivm.CachedDataResult).cachedData;
  return { isolate, context, memoryMiB, makeGuest: program.runSync(context, { reference: true }) };
}

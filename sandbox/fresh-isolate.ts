import ivm from 'isolated-vm';
import { type Guest, type GuestSettings, openGuest, type Saying } from './guest-calls.ts';
import { guestSource } from './guest-source.ts';

/** An isolate with a context that no script has ever run in, in which our own program stands ready. It serves one play. */
export interface FreshIsolate {
  isolate: ivm.Isolate;
  context: ivm.Context;
  memoryMiB: number;
  /** What its guest was made with; it serves plays of no other settings. */
  settings: string;
  guest: Guest;
  /** Hears what the guest says: the play that it serves, and nobody before and after. */
  listener: Saying | null;
}

/**
 * What V8 made of our program the first time. It comes from this process, of our own source, before any script runs here,
 * and never leaves it: V8 trusts such data blindly, so none may come from elsewhere.
 */
let compiled: ivm.ExternalCopy<ArrayBuffer> | undefined;

/** Takes more than a millisecond, which a child spends between two plays rather than while somebody waits. */
export function makeFreshIsolate(memoryMiB: number, settings: GuestSettings): FreshIsolate {
  // No `onCatastrophicError`: it is called by the thread that plays, which would sleep for ever; without, V8 aborts.
  return makeContext(new ivm.Isolate({ memoryLimit: memoryMiB }), memoryMiB, settings);
}

/** The same in an isolate that is there already, which takes half the time. */
export function makeContext(isolate: ivm.Isolate, memoryMiB: number, settings: GuestSettings): FreshIsolate {
  const context = isolate.createContextSync();
  const program = isolate.compileScriptSync(guestSource(), {
    filename: 'guest.js',
    ...(compiled ? { cachedData: compiled } : { produceCachedData: true }),
  });
  compiled ??= (program as ivm.Script & ivm.CachedDataResult).cachedData;
  // A callback outlives its isolate, so that it must not hold on to a play by itself.
  const heard: Pick<FreshIsolate, 'listener'> = { listener: null };
  const host = new ivm.Callback<Saying>((...said) => heard.listener?.(...said));
  const guest = openGuest(program.runSync(context, { reference: true }), context, host, settings);
  return Object.assign(heard, { isolate, context, memoryMiB, settings, guest });
}

import { nowhere, type Place } from './protocol.ts';

/** `:3:14` → line 3, column 14 of the script; `/roles.js:3:14`, of that library. */
export function toPlace(text: string): Place {
  const found = /^(?:\/([\w.-]+))?:(\d+):(\d+)$/.exec(text);
  if (!found) return nowhere;
  const [, library, line, column] = found;
  return { line: Number(line), column: Number(column), ...(library === undefined ? {} : { library }) };
}

/** Message and place of an error that isolated-vm copied out of the isolate (or of a string that it threw instead). */
export function describe(thrown: unknown): [string, Place] {
  if (!(thrown instanceof Error)) return [cut(String(thrown), 2000), nowhere];
  const found = /script\.js((?:\/[\w.-]+)?:\d+:\d+)/.exec(`${thrown.message}\n${thrown.stack ?? ''}`);
  const message = `${thrown.name}: ${thrown.message.replace(/ \[[^[\]]*:\d+:\d+\]$/, '')}`;
  return [cut(message, 2000), toPlace(found?.[1] ?? '')];
}

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** As much of a text as fits into so many bytes of UTF-8; a longer one ends in an ellipsis. */
export function cutBytes(text: string, bytes: number): string {
  const start = text.slice(0, bytes);
  if (start === text && Buffer.byteLength(text) <= bytes) return text;
  const { read } = new TextEncoder().encodeInto(start, new Uint8Array(bytes - 3));
  return `${start.slice(0, read)}…`;
}

/** A message that fits into an audit event, whatever a script made of it. */
export function oneLine(message: string): string {
  return cutBytes(message.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' '), 1500);
}

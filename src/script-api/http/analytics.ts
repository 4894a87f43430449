import type { Parameter } from '../definition.ts';
import { ScriptCallError } from '../read-arguments.ts';

export type Metadata = Record<string, string>;
export type Payload = Record<string, unknown>;

/** What the functions that send events to an analytics server take. */
export const eventParameters = [
  {
    name: 'metadata',
    type: 'texts by name',
    summary:
      '`Application` and `InputStream`, or `ReceiverUrl`, a path: where the server at STEPGATE_ANALYTICS_URL takes it.',
  },
  { name: 'payload', type: 'object', summary: 'Sent as JSON, as `{"event": payload}`.' },
] as const satisfies readonly Parameter[];

/** @throws ScriptCallError when the metadata names no place */
export function readEvent(fn: string, metadata: Metadata, payload: Payload): { path: string; body: unknown } {
  const { Application: application, InputStream: stream, ReceiverUrl: path } = metadata;
  const body = { event: payload };
  if (application && stream) return { path: `${encodeURIComponent(application)}/${encodeURIComponent(stream)}`, body };
  if (path && !URL.canParse(path)) return { path, body };
  throw new ScriptCallError(
    `${fn}: metadata must have Application and InputStream, or ReceiverUrl, a path, and ${JSON.stringify(metadata)} was given.`,
  );
}

import type { Parameter } from '../definition.ts';
import { ScriptCallError } from '../read-arguments.ts';

/** A field name (RFC 9110, section 5.1). */
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A field value of one line (RFC 9110, section 5.5). */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * What only we say: how the message is framed, to whom it goes, whom it is for, and what proxies and the services of a
 * cloud take as proof of where a request comes from.
 */
const ours = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'idempotency-key',
  'keep-alive',
  'metadata',
  'metadata-flavor',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-aws-ec2-metadata-token',
  'x-aws-ec2-metadata-token-ttl-seconds',
  'x-real-ip',
]);
const oursBy = ['proxy-', 'sec-', 'x-forwarded-'];

/** As a script gives them. */
export const requestHeaders = {
  name: 'headers',
  type: 'texts by name',
  optional: true,
  summary: 'Headers of the request.',
  most: 30,
} as const satisfies Parameter;

/**
 * The headers of a script's request, in lower case.
 * @throws ScriptCallError when one is none, or is not the script's to set
 */
export function readHeaders(fn: string, given: Record<string, string>): Record<string, string> {
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of headers) {
    if (!fieldName.test(name)) throw new ScriptCallError(`${fn}: ${JSON.stringify(name)} is no name of a header.`);
    if (ours.has(name) || oursBy.some((prefix) => name.startsWith(prefix))) {
      throw new ScriptCallError(`${fn}: the header ${name} is the server’s own and cannot be set by a script.`);
    }
    if (!fitsHeader(value)) {
      throw new ScriptCallError(`${fn}: the value of the header ${name} has characters that a header cannot hold.`);
    }
  }
  return Object.fromEntries(headers);
}

export function fitsHeader(value: string): boolean {
  return fieldValue.test(value);
}

import { day, second } from '../../kernel/clock.ts';
import type { FunctionLimits } from '../definition.ts';

/** Of each request that a script makes. */
const requestLimits = {
  requestTime: {
    value: 5 * second,
    unit: 'ms',
    summary: 'Of one request, from the name’s look-up to the last byte; after it the call ends as a timeout.',
  },
  answerBytes: {
    value: 256 * 1024,
    unit: 'bytes',
    // It goes into the journal, and with every turn of the login through the script's memory.
    summary: 'Of an answer, after decompression; a longer one is a failure.',
  },
} as const satisfies FunctionLimits;

/** Of JSON that somebody else wrote: code that walks through it stays far from the end of its stack. */
export const jsonLimits = {
  depth: { value: 100, unit: 'levels', summary: 'How deep the JSON may be nested; deeper is taken for none.' },
} as const satisfies FunctionLimits;

/** Of a function that asks a server. */
export const callLimits = {
  ...requestLimits,
  ...jsonLimits,
  begins: {
    value: 3,
    unit: 'times',
    summary:
      'How often the call is begun, should the server here die meanwhile; then nobody knows what it did, and it failed.',
  },
} as const satisfies FunctionLimits;

/** The same by GET, which can be asked again. */
export const getLimits = {
  ...callLimits,
  retries: { value: 2, unit: 'times', summary: 'How often it is sent again after an answer 5xx.' },
} as const satisfies FunctionLimits;

/** Of a function that tells a server and waits for nothing. */
export const tellLimits = {
  ...requestLimits,
  time: { value: 5 * second, unit: 'ms', summary: 'Of the call with all its requests; then it is left at that.' },
  kept: {
    value: day,
    unit: 'ms',
    // An event of yesterday misleads whoever counts them.
    summary: 'How long it is kept where it could not be begun; after that nobody is told.',
  },
} as const satisfies FunctionLimits;

import { calls } from './calls.ts';
import type { Cases } from './case.ts';
import { names } from './names.ts';
import { options } from './options.ts';
import { text } from './text.ts';

/** Each code has its cases. */
export const cases: Cases = { ...text, ...names, ...calls, ...options };

import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { isRecord } from '../kernel/json.ts';
import type { Call } from './connection-test.ts';

/** A call with what the rest of the test reads in its answer; never handed out. */
export interface RecordedCall extends Call {
  json: Record<string, unknown>;
}

/** A guarded fetch that writes down what goes through it. */
export function recordCalls(fetch: GuardedFetch['fetch']): { fetch: GuardedFetch['fetch']; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  return {
    calls,
    async fetch(input, request = {}) {
      const { origin, pathname, searchParams } = new URL(input);
      const began = performance.now();
      const call: RecordedCall = {
        by: 'server',
        method: request.method ?? 'GET',
        url: origin + pathname,
        sent: [...searchParams.keys(), ...listBodyNames(request.body), ...listProofs(request.headers)],
        status: null,
        answered: [],
        milliseconds: null,
        json: {},
      };
      calls.push(call);
      const response = await fetch(input, request);
      call.status = response.status;
      call.milliseconds = Math.round(performance.now() - began);
      call.json = readObject(await response.clone().text());
      call.answered = Object.keys(call.json).slice(0, mostNames);
      return response;
    },
  };
}

/** A provider's answer may have any number of names. */
const mostNames = 100;

/** The call as it may be shown. */
export function showCall({ json: _, ...call }: RecordedCall): Call {
  return call;
}

function listBodyNames(body: unknown): string[] {
  return typeof body === 'string' || body instanceof URLSearchParams ? [...new URLSearchParams(body).keys()] : [];
}

function listProofs(headers: Record<string, string> | undefined): string[] {
  const [, authorization] =
    Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return authorization === undefined ? [] : [`authorization: ${authorization.split(' ', 1)[0]}`];
}

function readObject(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

import type { GuardedRequest } from '../../egress/guarded-fetch.ts';
import { AppError } from '../../kernel/errors.ts';
import { invalidAnswer } from '../federated/failure.ts';

/** The guarded fetch with a deadline. */
export type CallProvider = (url: string, request: GuardedRequest) => Promise<Response>;

/** Asks a provider for JSON. @throws AppError IDP_ANSWER_INVALID where none comes, IDP_ERROR where a failure has none */
export async function callJson(
  fetch: CallProvider,
  url: string,
  request: GuardedRequest,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, {
    ...request,
    // GitHub's API refuses whoever has no name.
    headers: { accept: 'application/json', 'user-agent': 'Stepgate', ...request.headers },
  });
  const { status } = response;
  const text = await response.text();
  try {
    return { status, json: JSON.parse(text) };
  } catch {
    if (status >= 400) throw new AppError('IDP_ERROR', { detail: `HTTP ${status}.` });
    throw invalidAnswer(`${new URL(url).host} did not answer with JSON.`);
  }
}

/** What an access token lets us see. @throws AppError IDP_… or EGRESS_… */
export async function callWithToken(fetch: CallProvider, url: string, token: string): Promise<unknown> {
  const { status, json } = await callJson(fetch, url, { headers: { authorization: `Bearer ${token}` } });
  if (status !== 200) throw new AppError('IDP_ERROR', { detail: `${new URL(url).host} answered HTTP ${status}.` });
  return json;
}

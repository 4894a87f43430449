import type { CallAnswer } from '../definition.ts';
import type { IntegrationName, Outside } from '../outside.ts';
import { callEndpoint } from './call.ts';

/** The environment's name of each, for the admin who forgot it. */
const settingOf: Readonly<Record<IntegrationName, string>> = {
  analytics: 'STEPGATE_ANALYTICS_URL',
  elastic: 'STEPGATE_ELASTIC_URL',
};

/** Sends JSON to a server that the installation is set up with. `path` can only lead further into it. */
export async function callIntegration(
  outside: Outside,
  name: IntegrationName,
  { path, body }: { path: string; body: unknown },
): Promise<CallAnswer> {
  const server = outside.integration(name);
  if (!server) {
    const detail = `${settingOf[name]} is not set.`;
    return { outcome: 'fail', data: {}, failure: { code: 'CALL_FAILED', params: {}, detail } };
  }
  return callEndpoint(outside, {
    method: 'POST',
    url: `${server.url}/${path.replace(/^\/+/, '')}`,
    headers: {},
    body,
    auth: server.credentials && { type: 'basic', ...server.credentials },
  });
}

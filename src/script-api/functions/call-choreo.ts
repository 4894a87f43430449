import { defineFunction } from '../definition.ts';
import { callEndpoint, type HttpCall, readHttpCall } from '../http/call.ts';
import { callLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';
import { ScriptCallError } from '../read-arguments.ts';

type Connection = Record<string, string>;
type Payload = Record<string, unknown>;

/** Each can be given as itself, or by the name of the secret that it is: as `apiKeyAlias` and so on. */
const fields = ['consumerKey', 'consumerSecret', 'apiKey'] as const;

/** Where Choreo gives out tokens, unless its organisation has another key manager. */
const choreoTokenEndpoint = 'https://sts.choreo.dev/oauth2/token';

export const callChoreo = defineFunction({
  name: 'callChoreo',
  group: 'integrations',
  summary:
    'Asks a service on Choreo by POST, with the handlers of httpPost. It is a call to its URL like any other, with an access token or an API key.',
  parameters: [
    {
      name: 'connectionMetadata',
      type: 'texts by name',
      secret: true,
      summary:
        '`url`, and either `consumerKey` and `consumerSecret`, or `apiKey`; `asgardeoTokenEndpoint` where tokens are not Choreo’s own; values can be secrets such as `secrets.CHOREO_KEY`. `consumerKeyAlias`, `consumerSecretAlias` and `apiKeyAlias` name a secret instead.',
      secretNames: fields.map((field) => `${field}Alias`),
    },
    { name: 'payload', type: 'object', summary: 'Sent as JSON.' },
  ],
  result: { typescript: 'void', summary: 'Nothing: the handlers get the answer.' },
  limits: callLimits,
  effect: 'asks',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var connection = { url: 'https://risk.choreo.example.com/score', apiKey: secrets.CHOREO_KEY };
    callChoreo(connection, { ip: context.request.ip }, {
      onSuccess: function (context, data) { if (data.score > 50) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  check(...args: [Connection, Payload]) {
    read(...args);
  },
  async run(outside: Outside, connection: Connection, payload: Payload) {
    return callEndpoint(outside, read(await putSecretsIn(outside, connection), payload));
  },
});

/** @throws OutsideFailure when a secret that is named has been deleted */
async function putSecretsIn(outside: Outside, connection: Connection): Promise<Connection> {
  const named = { ...connection };
  for (const field of fields) {
    const alias = connection[`${field}Alias`];
    if (alias !== undefined) named[field] ??= await outside.secret(alias);
  }
  return named;
}

function read(connection: Connection, payload: Payload): HttpCall {
  const [consumerKey, consumerSecret, apiKey] = fields.map((field) => connection[field] ?? connection[`${field}Alias`]);
  const { url = '', asgardeoTokenEndpoint = choreoTokenEndpoint } = connection;
  if (apiKey === undefined && consumerKey === undefined) {
    throw new ScriptCallError('callChoreo: connectionMetadata must have consumerKey or apiKey.');
  }
  const authConfig =
    apiKey !== undefined
      ? { type: 'apikey', apiKey, headerName: 'API-Key' }
      : { type: 'clientcredential', consumerKey, consumerSecret, tokenEndpoint: asgardeoTokenEndpoint };
  return readHttpCall('callChoreo', { method: 'POST', url, body: payload, headers: {}, authConfig });
}

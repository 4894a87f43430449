/** What the protocol itself says to the provider, and no setting may overwrite. */
const reserved = new Set(
  'client_id client_secret code_challenge code_challenge_method nonce redirect_uri request request_uri response_mode response_type scope state SAMLRequest RelayState SigAlg Signature'.split(
    ' ',
  ),
);

/** Why a name cannot be one of a connection's query parameters, or null. */
export function findParameterFault(name: string): string | null {
  return reserved.has(name) ? `«${name}» is set by the protocol itself.` : null;
}

/**
 * A connection's query parameters as they are sent: `$authparam{key}` stands for what the script set with
 * authenticatorParams. A parameter whose key nobody set is left out.
 */
export function fillQueryParameters(
  queryParameters: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled = Object.entries(queryParameters).flatMap(([name, template]): [string, string][] => {
    if (findParameterFault(name) !== null) return [];
    const keys = listParameterKeys({ [name]: template });
    if (keys.some((key) => !Object.hasOwn(given, key))) return [];
    return [[name, template.replace(placeholder, (_whole, key: string) => given[key]!)]];
  });
  return Object.fromEntries(filled);
}

/** The keys of authenticatorParams that a connection's query parameters stand for. */
export function listParameterKeys(queryParameters: Readonly<Record<string, string>>): string[] {
  return Object.values(queryParameters).flatMap((template) =>
    [...template.matchAll(placeholder)].map(([, key]) => key!),
  );
}

const placeholder = /\$authparam\{([^{}]+)\}/g;

/** What tells of the token, not of the person. */
const tokenClaims = new Set(['aud', 'azp', 'exp', 'iat', 'nbf', 'jti', 'nonce', 'at_hash', 'c_hash', 's_hash', 'sid']);

/** Claims that say something of another one, and are worth nothing without it. */
const flags: Record<string, string> = { email_verified: 'email', phone_number_verified: 'phone_number' };

/** How the provider signed the person in, and whose account it is: worth something only where it is signed. */
const signedOnly = new Set(['amr', 'acr', 'auth_time', 'hd']);

/**
 * The id_token's claims, which are signed, completed by those of userinfo. A flag is taken from where the value it is
 * about was taken from, so that one source's word is never about the other's address.
 */
export function mergeClaims(
  idToken: Readonly<Record<string, unknown>>,
  userinfo: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = new Set([...Object.keys(idToken), ...Object.keys(userinfo)]);
  return Object.fromEntries(
    [...names]
      .filter((name) => !tokenClaims.has(name))
      .flatMap((name) => {
        const about = Object.hasOwn(flags, name) ? (flags[name] ?? name) : name;
        const source = Object.hasOwn(idToken, about) || signedOnly.has(name) ? idToken : userinfo;
        return Object.hasOwn(source, name) ? [[name, source[name]]] : [];
      }),
  );
}

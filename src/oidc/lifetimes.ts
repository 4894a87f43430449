const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * How long things live, in seconds. Nothing is extended by being used: a sign-in, its refresh tokens and the claims kept
 * for it end together, however often the tokens were rotated.
 */
export const lifetimes = {
  /** RFC 6749 section 4.1.2 allows 10 minutes; an application redeems it at once. */
  authorizationCode: minute,
  /** Opaque and looked up at every use, so a disabled person's token ends at once; this only limits one that leaked. */
  accessToken: hour,
  idToken: hour,
  /** At least as long as a login may stay open: the interaction outlives it, so that its end can be told. */
  interaction: hour,
  /** The browser's memory of who signed in, which signing out ends. It never replaces a login. */
  session: 14 * day,
  /** Without `offline_access`: until signing out, but no longer than this. */
  signIn: 14 * day,
  /** With `offline_access`, which signing out leaves alone. */
  offlineSignIn: 90 * day,
} as const;

/**
 * Every failure that Stepgate names. `admin` is the cause and `mend` what to do about it, both for the person who runs
 * the server; the sentence for the person who signs in stands in the pages' texts under the same code. Each code is
 * defined here and nowhere else.
 */
interface ErrorDefinition {
  /** The HTTP status where the failure is the answer to a request. */
  status: number;
  admin: string;
  mend: string;
}

const define = <const T extends Record<string, ErrorDefinition>>(table: T) => table;

export const errors = define({
  // What the person typed
  USERNAME_MISSING: { status: 422, admin: 'The form came without a user name.', mend: 'The person types one.' },
  PASSWORD_MISSING: { status: 422, admin: 'The form came without a password.', mend: 'The person types one.' },
  CODE_MISSING: { status: 422, admin: 'The form came without a code.', mend: 'The person types one.' },
  USERNAME_UNKNOWN: {
    status: 422,
    admin: 'No account has this name, and the step is set to say so (ValidateUsername).',
    mend: 'The person corrects the name; without ValidateUsername nobody learns which names exist.',
  },
  INVALID_CREDENTIALS: {
    status: 422,
    admin: 'User name and password do not match, or there is no such account.',
    mend: 'The person tries again or resets the password.',
  },
  CODE_WRONG: {
    status: 422,
    admin: 'The code is not the expected one.',
    mend: 'Check the clock of the device, or send a new code.',
  },
  CODE_EXPIRED: {
    status: 422,
    admin: 'The mailed code is older than its lifetime.',
    mend: 'The person asks for a new code.',
  },
  CODE_USED: {
    status: 422,
    admin: 'The code was right but has been used already.',
    mend: 'The person waits for the next one.',
  },
  PASSWORD_TOO_SHORT: {
    status: 422,
    admin: 'The new password is too short.',
    mend: 'The person chooses a longer one.',
  },
  PASSWORD_COMMON: {
    status: 422,
    admin: 'The new password is among those that are guessed first, or is the name of its account.',
    mend: 'The person chooses another one.',
  },
  PASSWORD_TOO_LONG: {
    status: 422,
    admin: 'The new password is longer than 1,024 bytes, or holds what cannot be typed again.',
    mend: 'The person chooses a shorter one.',
  },
  PASSWORDS_DIFFER: {
    status: 422,
    admin: 'The new password was typed in two ways.',
    mend: 'The person types it again.',
  },
  RESET_INVALID: {
    status: 410,
    admin: 'The link to reset a password is unknown, used or expired.',
    mend: 'The person asks for a new link.',
  },

  USERNAME_NOT_FREE: {
    status: 422,
    admin: 'The person chose a user name for a new account that belongs to somebody else.',
    mend: 'The person chooses another one.',
  },
  ATTRIBUTE_MISSING: {
    status: 422,
    admin: 'An attribute that a new account must have was not filled in.',
    mend: 'The person fills it in; which are asked for stands in the connection’s jit.requiredAttributes.',
  },
  ATTRIBUTE_INVALID: {
    status: 422,
    admin: 'An attribute that the person filled in is too long, has control characters, or is no mail address.',
    mend: 'The person fills it in again.',
  },

  // Limits on trying
  TOO_MANY_ATTEMPTS: {
    status: 403,
    admin: 'The step used up its attempts.',
    mend: 'The person starts again; raise the number of attempts if it is too low.',
  },
  TRY_LATER: {
    status: 429,
    admin: 'Too many wrong answers in a short time.',
    mend: 'It passes by itself; an admin can clear it by unlocking the person.',
  },
  RESEND_TOO_OFTEN: {
    status: 429,
    admin: 'The step used up its resends of the code.',
    mend: 'The person uses the newest code or starts again.',
  },
  OVERLOADED: {
    status: 503,
    admin: 'The server has more work than it can do now.',
    mend: 'It passes; if it stays, add processes or raise the limits.',
  },

  // Accounts
  ACCOUNT_LOCKED: {
    status: 403,
    admin: 'The account is locked.',
    mend: 'An admin unlocks it: PATCH /api/v1/users/:id {"locked": false}.',
  },
  ACCOUNT_DISABLED: {
    status: 403,
    admin: 'The account is disabled.',
    mend: 'An admin enables it: PATCH /api/v1/users/:id {"disabled": false}.',
  },
  ACCOUNT_REQUIRED: {
    status: 403,
    admin:
      'The factor belongs to a local account, and the connection signs people in without one (JIT provisioning is off).',
    mend: 'Turn JIT provisioning on for the connection, or let the script skip the factor for its people.',
  },
  ACCOUNT_NOT_MADE: {
    status: 403,
    admin:
      'The factor belongs to a local account, and this sign-in makes none: no linking rule fits (skipJitOnNoMatch), or the script skips provisioning (provisionUser).',
    mend: 'Turn jit.linking.skipJitOnNoMatch off, leave provisionUser out, or let the script skip the factor for people without an account.',
  },
  NO_SUBJECT: {
    status: 403,
    admin: 'The factor belongs to an account, and no step before it told whose.',
    mend: 'Let a step that identifies the person run first.',
  },
  NO_VERIFIED_ADDRESS: {
    status: 403,
    admin: 'A code by mail needs a verified mail address, and the account has none.',
    mend: 'Verify the address: PATCH /api/v1/users/:id {"verified": ["http://wso2.org/claims/emailaddress"]}.',
  },
  ENROLMENT_OFF: {
    status: 403,
    admin: 'The person has not set up this factor, and setting it up while signing in is not allowed here.',
    mend: 'Add the factor for the person, or allow enrolment with enrolUserInAuthenticationFlow.',
  },
  WRONG_SUBJECT: {
    status: 403,
    admin: 'A later step was passed by another local user than the one this sign-in is for.',
    mend: 'The person signs in with one account throughout.',
  },
  AUTHENTICATOR_NOT_AVAILABLE: {
    status: 403,
    admin: 'The step offers an authenticator that this server knows by name but does not have yet.',
    mend: 'Choose another authenticator for the step.',
  },

  // Federation
  IDP_ERROR: {
    status: 502,
    admin: 'The identity provider answered with an error.',
    mend: 'Look at the error in the details; check the connection at the provider.',
  },
  IDP_DENIED: {
    status: 403,
    admin: 'The identity provider says that the person refused or was refused.',
    mend: 'The person tries again or chooses another way.',
  },
  IDP_UNREACHABLE: {
    status: 502,
    admin: 'The identity provider did not answer in time.',
    mend: 'Check that the provider is up and that this server may reach it (STEPGATE_EGRESS_HOSTS).',
  },
  IDP_ANSWER_INVALID: {
    status: 502,
    admin: 'The identity provider’s answer failed a check (issuer, audience, nonce, signature, time or form).',
    mend: 'Look at the failed check in the details; compare the connection’s issuer and client with the provider.',
  },
  IDP_SIGN_IN_NOT_FRESH: {
    status: 403,
    admin:
      'The application asks for a new sign-in (prompt=login, max_age), and the identity provider did not show one.',
    mend: 'Check the provider’s clock, and that it obeys prompt=login and max_age, or ForceAuthn. OAuth 2.0 cannot show it: offer another way.',
  },
  STATE_INVALID: {
    status: 400,
    admin: 'The answer from an identity provider belongs to no open sign-in, or was used before.',
    mend: 'The person starts again from the application. Many of these may mean an attack.',
  },
  CONNECTION_DISABLED: {
    status: 403,
    admin: 'The connection is disabled.',
    mend: 'Enable it: PATCH /api/v1/connections/:id {"enabled": true}.',
  },
  DOMAIN_NOT_ALLOWED: {
    status: 403,
    admin:
      'The connection is for people of other domains, or the provider does not vouch for the person’s mail address.',
    mend: 'Look at the reason in the details; who may come in stands in the connection’s allowedDomains.',
  },
  PROVISIONING_FAILED: {
    status: 403,
    admin: 'The account could not be made or brought up to date.',
    mend: 'The details name the reason.',
  },
  LINK_REFUSED: {
    status: 403,
    admin: 'An account fits the person by a linking rule, and that it is theirs was not shown.',
    mend: 'The details name what is missing. An admin can link it: POST /api/v1/users/:id/associations.',
  },
  USERNAME_INVALID: {
    status: 422,
    admin: 'The user name is empty, too long, or has characters that a user name must not have.',
    mend: 'Use letters of one script, digits and ASCII punctuation, at most 255 characters.',
  },
  USERNAME_TAKEN: {
    status: 409,
    admin: 'The user name belongs to another account.',
    mend: 'Map another claim to the user name, or let the connection resolve conflicts with jit.onConflict.',
  },

  // Calls to other servers
  EGRESS_REFUSED: {
    status: 502,
    admin: 'The call to another server was not let out, or nobody answers there.',
    mend: 'Look at the reason in the details; check STEPGATE_EGRESS_HOSTS, the name and its addresses, which must be public.',
  },
  EGRESS_TIMEOUT: {
    status: 504,
    admin: 'Another server did not answer in time.',
    mend: 'Check that it is up and how long it takes.',
  },
  EGRESS_TOO_LARGE: {
    status: 502,
    admin: 'Another server answered with more bytes than are taken.',
    mend: 'Let it answer with less.',
  },
  EGRESS_FAILED: {
    status: 502,
    admin: 'The call to another server broke off.',
    mend: 'Look at the reason in the details (TLS, protocol, redirect); check the server and its URL.',
  },

  // Calls of scripts
  CALL_FAILED: {
    status: 502,
    admin: 'What the script asked an endpoint for was not answered well, and no handler took care of it.',
    mend: 'Look at the reason in the details; give the call an onFail.',
  },
  CALL_TIMEOUT: {
    status: 504,
    admin: 'The calls of this sign-in took longer than a person is kept waiting.',
    mend: 'Let the endpoint answer faster, call fewer, or give the call an onTimeout.',
  },
  ENTRY_FORGOTTEN: {
    status: 422,
    admin:
      'The script uses what the person typed, and this server does not know it any more: it was restarted meanwhile. It is never stored.',
    mend: 'The person types it again.',
  },
  PASSWORD_NOT_SET: {
    status: 422,
    admin: 'The script could not give the account another password, and no handler took care of it.',
    mend: 'Look at the reason in the details; give updateUserPassword an onFail.',
  },
  CALL_UNKNOWN: {
    status: 502,
    admin: 'The server broke down during this call, every time it was tried.',
    mend: 'Look at the log of those times; the person starts again.',
  },

  // The login itself
  LOGIN_NOT_FOUND: {
    status: 404,
    admin: 'There is no such login.',
    mend: 'The person starts again from the application.',
  },
  LOGIN_EXPIRED: {
    status: 410,
    admin: 'The login was open for longer than its lifetime.',
    mend: 'The person starts again from the application.',
  },
  STEP_NOT_CURRENT: {
    status: 409,
    admin: 'An answer came to a step that is not the current one.',
    mend: 'The person goes on at the current step.',
  },
  WRONG_BROWSER: {
    status: 403,
    admin: 'The request came from another browser than the login was started in.',
    mend: 'The person starts again. Many of these may mean an attack.',
  },
  CSRF_INVALID: {
    status: 403,
    admin: 'The form’s token is missing or belongs to another page.',
    mend: 'The person loads the page again. Many of these may mean an attack.',
  },
  CANCELLED: { status: 403, admin: 'The person cancelled.', mend: 'Nothing to mend.' },
  ACCESS_DENIED: {
    status: 403,
    admin: 'The sign-in ended without success.',
    mend: 'The trace of the login shows why.',
  },
  NO_STEP_PASSED: {
    status: 403,
    admin: 'The script came to its end without a passed step that proves who the person is.',
    mend: 'Call executeStep for at least one such step on every path.',
  },
  RULE_NOT_MET: {
    status: 403,
    admin: 'The sign-in does not fulfil a rule of the application, though its script let it end well.',
    mend: 'The detail names the rule: let the script ask for what it demands, or change the application’s signInRules.',
  },
  DENIED_BY_SCRIPT: {
    status: 403,
    admin: 'The script refused the sign-in with fail() or sendError().',
    mend: 'The trace shows the line.',
  },
  VERSION_WITHDRAWN: {
    status: 403,
    admin: 'The version of the sign-in flow that the login began with was withdrawn.',
    mend: 'The person starts again.',
  },
  INTERACTION_REQUIRED: {
    status: 403,
    admin: 'The application asked for a sign-in without a page (prompt=none), and this one needed the person.',
    mend: 'Nothing to mend: the application asks again without prompt=none.',
  },
  SESSIONS_TOO_MANY: {
    status: 422,
    admin: 'The person has as many sessions as MaxSessionCount allows, and has not ended enough of them.',
    mend: 'The person chooses more of them, or gives the sign-in up; a higher MaxSessionCount allows more.',
  },
  SESSION_ENDED: {
    status: 403,
    admin: 'The sign-in relied on the browser’s session, and that ended meanwhile.',
    mend: 'The person starts again.',
  },

  // Scripts
  SCRIPT_SYNTAX: { status: 500, admin: 'The script cannot be parsed.', mend: 'Mend the script at the line named.' },
  SCRIPT_ERROR: { status: 500, admin: 'The script threw an error.', mend: 'Mend the script at the line named.' },
  SCRIPT_TIMEOUT: {
    status: 500,
    admin: 'A turn of the script used up its CPU time.',
    mend: 'Look for a loop that does not end; raise STEPGATE_SCRIPT_TURN_CPU_MS if the work is real.',
  },
  SCRIPT_LOGIN_TIMEOUT: {
    status: 500,
    admin: 'All turns of the script together used up the CPU time of a sign-in.',
    mend: 'Let it work less, or in fewer turns; raise STEPGATE_SCRIPT_LOGIN_CPU_MS if the work is real.',
  },
  SCRIPT_DATA: {
    status: 500,
    admin: 'What the script gave its calls, or set, is too much data.',
    mend: 'Give and keep less; raise STEPGATE_SCRIPT_DATA if it is needed.',
  },
  SCRIPT_TOO_LONG: {
    status: 500,
    admin: 'The script is longer than a script may be.',
    mend: 'Shorten it, or raise STEPGATE_SCRIPT_BYTES.',
  },
  SCRIPT_MEMORY: {
    status: 500,
    admin: 'The script used up its memory.',
    mend: 'Look for data that grows; raise the limit if it is needed.',
  },
  SCRIPT_DEADLOCK: {
    status: 500,
    admin: 'The script waits for a promise that never settles.',
    mend: 'Do not use async, await or promises in sign-in scripts.',
  },
  SCRIPT_SUSPENDED: {
    status: 503,
    admin: 'The script’s version used up its time or memory again and again, so it is not played for a while.',
    mend: 'Mend the script and publish it: another version is played at once. This one is tried again by itself.',
  },
  SCRIPT_LIMIT: {
    status: 500,
    admin: 'The script made more calls than a login may make.',
    mend: 'Look for steps that are repeated without end.',
  },
  SCRIPT_DIFFERS: {
    status: 500,
    admin: 'Played again, the script asked something else than before, so its login cannot go on.',
    mend: 'The event has both questions. Report it: scripts are meant to be played again exactly.',
  },

  // Applications
  INVALID_REQUEST: {
    status: 400,
    admin: 'The application sent a request that breaks the protocol.',
    mend: 'The details name the parameter.',
  },
  REDIRECT_URI_INVALID: {
    status: 400,
    admin: 'The redirect URI is not registered for the application.',
    mend: 'Register exactly this URI: PATCH /api/v1/applications/:id {"redirectUris": […]}.',
  },
  CLIENT_UNKNOWN: {
    status: 400,
    admin: 'No application has this client id.',
    mend: 'Check the client id in the application’s settings.',
  },
  CLIENT_DISABLED: {
    status: 403,
    admin: 'The application is disabled.',
    mend: 'Enable it: PATCH /api/v1/applications/:id {"disabled": false}.',
  },

  // The admin API
  UNAUTHORIZED: {
    status: 401,
    admin: 'The request has no valid token.',
    mend: 'Send Authorization: Bearer with STEPGATE_ADMIN_TOKEN.',
  },
  NOT_FOUND: { status: 404, admin: 'There is no such resource.', mend: 'Check the id and the path.' },
  VALIDATION_FAILED: {
    status: 422,
    admin: 'The request’s content is not valid.',
    mend: 'The findings name each place.',
  },
  CONFLICT: { status: 409, admin: 'The name is taken.', mend: 'Choose another name.' },
  RULES_BROKEN: {
    status: 409,
    admin: 'The script lets people end well who do not fulfil a rule of the application: their sign-ins would fail.',
    mend: 'Change the script or the rules; or give a reason to publish all the same, as force.reason.',
  },
  SCENARIOS_FAILED: {
    status: 409,
    admin: 'Scenarios stored beside the flow do not come out as they should.',
    mend: 'Change the script or the scenarios; or give a reason to publish all the same, as force.reason.',
  },
  CHANGED_MEANWHILE: {
    status: 412,
    admin: 'The resource was changed since it was read.',
    mend: 'Read it again and send its ETag as If-Match.',
  },

  STORAGE_UNAVAILABLE: {
    status: 503,
    admin: 'The database could not be written.',
    mend: 'Check space and health of the disk; nothing was half done.',
  },
  SETTING_INVALID: { status: 500, admin: 'A setting is wrong.', mend: 'The message names it.' },
  INTERNAL: { status: 500, admin: 'A fault in Stepgate itself.', mend: 'The log has the details under the reference.' },
});

export type ErrorCode = keyof typeof errors;

/** A failure with a code. `detail` is for admins and logs (never secrets); `params` fill the person's sentence. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly params: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    { detail, params, cause }: { detail?: string; params?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail ? `${errors[code].admin} ${detail}` : errors[code].admin, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
    this.params = params ?? {};
  }
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errors, text);
}

/** The code of what an error handler was given: our own, or that of a body that Fastify refused to read. */
export function codeOfFailure(failure: Error & { statusCode?: number }): ErrorCode {
  if (failure instanceof AppError) return failure.code;
  return failure.statusCode !== undefined && failure.statusCode < 500 ? 'INVALID_REQUEST' : 'INTERNAL';
}

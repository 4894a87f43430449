import { defineErrors } from './define.ts';

/** What a person typed, how often they may try, and their account. */
export const peopleErrors = defineErrors({
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
});

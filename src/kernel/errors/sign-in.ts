import { defineErrors } from './define.ts';

/** A sign-in itself, and the script that decides it. */
export const signInErrors = defineErrors({
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
  PROMPT_SKIPPED: {
    status: 403,
    admin: 'The script runs the step without a page (stepOptions.skipPrompt), and it could not be passed that way.',
    mend: 'Give the call an onFail that runs the step with its page.',
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
  SCRIPT_WALL_TIMEOUT: {
    status: 503,
    admin:
      'A turn of the script was not done in its time on the clock. The machine was too busy to say more of the script.',
    mend: 'It passes by itself; if it stays, add processes, or raise STEPGATE_SCRIPT_TURN_WALL_MS.',
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
    mend: 'Look for steps that are repeated without end; raise STEPGATE_SCRIPT_ENTRIES if they are needed.',
  },
  SCRIPT_QUEUE: {
    status: 500,
    admin: 'More steps and calls of the script wait in its queue than may.',
    mend: 'Look for a loop that schedules; raise STEPGATE_SCRIPT_QUEUE if so many are needed.',
  },
  SCRIPT_DIFFERS: {
    status: 500,
    admin: 'Played again, the script asked something else than before, so its login cannot go on.',
    mend: 'The event has both questions. Report it: scripts are meant to be played again exactly.',
  },
});

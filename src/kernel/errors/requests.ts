import { defineErrors } from './define.ts';

/** Requests of applications and of the admin API. */
export const requestErrors = defineErrors({
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
    status: 422,
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

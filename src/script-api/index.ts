import type { GuestFunction } from '../../sandbox/protocol.ts';
import type { CallShape } from '../../sandbox/read-arguments.ts';
import { valueTypes } from '../../sandbox/value-types.ts';
import type { ScriptFunction } from './definition.ts';
import { dryRunOf } from './dry-run.ts';
import { assignUserRoles } from './functions/assign-user-roles.ts';
import { assignUserRolesV2 } from './functions/assign-user-roles-v2.ts';
import { callAnalytics } from './functions/call-analytics.ts';
import { callChoreo } from './functions/call-choreo.ts';
import { callElastic } from './functions/call-elastic.ts';
import { checkMicrosoftEmailVerification } from './functions/check-microsoft-email-verification.ts';
import { checkSessionExistence } from './functions/check-session-existence.ts';
import { compareSecret } from './functions/compare-secret.ts';
import { doAssociationWithLocalUser } from './functions/do-association-with-local-user.ts';
import { executeStep } from './functions/execute-step.ts';
import { fail } from './functions/fail.ts';
import { filterAuthenticators } from './functions/filter-authenticators.ts';
import { getAssociatedLocalUser } from './functions/get-associated-local-user.ts';
import { getAuthenticatedApplications } from './functions/get-authenticated-applications.ts';
import { getCookieValue } from './functions/get-cookie-value.ts';
import { getMaskedValue } from './functions/get-masked-value.ts';
import { getSecretByName } from './functions/get-secret-by-name.ts';
import { getSessionData } from './functions/get-session-data.ts';
import { getUniqueUserWithClaimValues } from './functions/get-unique-user-with-claim-values.ts';
import { getUserSessions } from './functions/get-user-sessions.ts';
import { getUsersWithClaimValues } from './functions/get-users-with-claim-values.ts';
import { getValueFromDecodedAssertion } from './functions/get-value-from-decoded-assertion.ts';
import { hasAnyOfTheRoles } from './functions/has-any-of-the-roles.ts';
import { hasAnyOfTheRolesV2 } from './functions/has-any-of-the-roles-v2.ts';
import { hasRole } from './functions/has-role.ts';
import { httpGet } from './functions/http-get.ts';
import { httpPost } from './functions/http-post.ts';
import { isAnyOfTheRolesAssignedToUser } from './functions/is-any-of-the-roles-assigned-to-user.ts';
import { isMemberOfAnyOfGroups } from './functions/is-member-of-any-of-groups.ts';
import { isWithinSessionLimit } from './functions/is-within-session-limit.ts';
import { killSession } from './functions/kill-session.ts';
import { prompt } from './functions/prompt.ts';
import { openPreHandler, promptIdentifierForStep } from './functions/prompt-identifier-for-step.ts';
import { publishToAnalytics } from './functions/publish-to-analytics.ts';
import { removeAssociatedLocalUser } from './functions/remove-associated-local-user.ts';
import { removeUserRoles } from './functions/remove-user-roles.ts';
import { removeUserRolesV2 } from './functions/remove-user-roles-v2.ts';
import { requireLibrary } from './functions/require.ts';
import { resolveMultiAttributeLoginIdentifier } from './functions/resolve-multi-attribute-login-identifier.ts';
import { selectAcrFrom } from './functions/select-acr-from.ts';
import { sendEmail } from './functions/send-email.ts';
import { sendError } from './functions/send-error.ts';
import { setCookie } from './functions/set-cookie.ts';
import { terminateUserSession } from './functions/terminate-user-session.ts';
import { updateUserPassword } from './functions/update-user-password.ts';
import { loadUser, writeUser } from './functions/user-object.ts';
import { handlerNamesOf } from './rules.ts';

/** Every function that scripts may call, in the order of the reference. Adding one is one file and one line here. */
const functions: readonly ScriptFunction[] = [
  executeStep,
  fail,
  sendError,
  selectAcrFrom,
  prompt,
  promptIdentifierForStep,
  requireLibrary,
  hasRole,
  hasAnyOfTheRoles,
  hasAnyOfTheRolesV2,
  isAnyOfTheRolesAssignedToUser,
  isMemberOfAnyOfGroups,
  assignUserRoles,
  removeUserRoles,
  assignUserRolesV2,
  removeUserRolesV2,
  getAssociatedLocalUser,
  doAssociationWithLocalUser,
  removeAssociatedLocalUser,
  getUniqueUserWithClaimValues,
  getUsersWithClaimValues,
  getUserSessions,
  terminateUserSession,
  getAuthenticatedApplications,
  checkSessionExistence,
  isWithinSessionLimit,
  killSession,
  getSessionData,
  updateUserPassword,
  sendEmail,
  setCookie,
  getCookieValue,
  httpGet,
  httpPost,
  callChoreo,
  callAnalytics,
  publishToAnalytics,
  callElastic,
  getSecretByName,
  compareSecret,
  filterAuthenticators,
  resolveMultiAttributeLoginIdentifier,
  getMaskedValue,
  getValueFromDecodedAssertion,
  checkMicrosoftEmailVerification,
  loadUser,
  writeUser,
  openPreHandler,
];

export const scriptFunctions: ReadonlyMap<string, ScriptFunction> = new Map(functions.map((fn) => [fn.name, fn]));

/** The same as far as the sandbox must know; what steers the sign-in it does itself. */
export const guestFunctions: readonly GuestFunction[] = functions.flatMap((fn) => {
  if (fn.effect === 'steers') return [];
  const { name, internal, aliases, result, parameters, tenantInFront } = fn;
  const hidden = parameters.flatMap(({ secret }, i) => (secret ? [i] : []));
  return {
    name,
    kind: fn.effect === 'asks' || fn.effect === 'shows' ? 'scheduled' : fn.effect === 'reads' ? 'read' : 'effect',
    ...(fn.handlers === 'when given' ? { takesHandlers: true as const } : {}),
    ...('preHandlerOp' in fn ? { preHandlerOp: fn.preHandlerOp } : {}),
    ...(result.holds ? { returns: result.holds } : {}),
    ...(fn.effect === 'changes' && fn.parameters.some(({ type }) => type === 'user' || type === 'context')
      ? { changesPeople: true as const }
      : {}),
    ...(internal ? { internal } : {}),
    ...(hidden.length > 0 ? { hidden } : {}),
    ...(aliases ? { aliases } : {}),
    parameters: parameters.map((parameter) => parameter.name),
    ...(tenantInFront ? { tenantInFront } : {}),
  };
});

/** What steers the sign-in, as far as the sandbox must know. */
export const guestSteering: readonly CallShape[] = functions
  .filter(({ effect }) => effect === 'steers')
  .map(({ name, handlers, parameters }) => ({
    name,
    ...(handlers ? { handlers } : {}),
    parameters: parameters.map(({ summary: _summary, ...shape }) => shape),
  }));

/** The same for the validator: names, what they take, and which callbacks. */
export function describeFunctions() {
  const elsewhere = (fn: ScriptFunction) => {
    const { stated } = dryRunOf(fn);
    return stated === 'functions' ? {} : { stated };
  };
  return functions
    .filter(({ internal }) => !internal)
    .map((fn) => ({
      name: fn.name,
      ...(fn.aliases ? { aliases: fn.aliases } : {}),
      minArguments: fn.parameters.filter(({ optional }) => !optional).length,
      maxArguments: fn.parameters.length + (fn.handlers ? 1 : 0) + (fn.tenantInFront ? 1 : 0),
      ...(fn.tenantInFront ? { tenantInFront: true as const } : {}),
      parameters: fn.parameters.map(({ name, type, optional = false, most, names, secretNames }) => ({
        name,
        optional,
        expected: valueTypes[type].expected,
        accepts: (value: unknown) => valueTypes[type].read(value) !== undefined,
        ...(most === undefined ? {} : { most }),
        ...(names ? { names } : {}),
        ...(secretNames ? { secretNames } : {}),
      })),
      ...(fn.handlers ? { handlers: { given: fn.handlers, names: handlerNamesOf(fn) } } : {}),
      ...(fn.deprecated === undefined ? {} : { deprecated: fn.deprecated }),
      ...('preHandlerOp' in fn ? { preHandler: true as const } : {}),
      ...elsewhere(fn),
      result: fn.result.typescript as string,
    }));
}

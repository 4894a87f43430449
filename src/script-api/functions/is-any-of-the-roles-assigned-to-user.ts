import { defineFunction } from '../definition.ts';
import { hasAnyOfTheRoles } from './has-any-of-the-roles.ts';

export const isAnyOfTheRolesAssignedToUser = defineFunction({
  ...hasAnyOfTheRoles,
  name: 'isAnyOfTheRolesAssignedToUser',
  summary: 'The same as hasAnyOfTheRoles: does the person have at least one of these roles of the organisation?',
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (isAnyOfTheRolesAssignedToUser(context.currentKnownSubject, ['employee'])) { executeStep(2); }
  } });
};`,
});

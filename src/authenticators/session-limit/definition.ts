import { defineAuthenticatorData } from '../authenticator.ts';

export const sessionLimitDefinition = defineAuthenticatorData({
  name: 'SessionExecutor',
  aliases: [],
  label: 'Active sessions limit',
  proves: false,
  amr: [],
  needsAccount: false,
  passesAlone: true,
  parameters: ['MaxSessionCount'],
  attempts: 1,
});

import { olderNamesOf } from '../../kernel/authenticator-names.ts';
import { defineAuthenticatorData } from '../authenticator.ts';

export const identifierFirstDefinition = defineAuthenticatorData({
  name: 'IdentifierExecutor',
  aliases: olderNamesOf('IdentifierExecutor'),
  label: 'Identifier first',
  proves: false,
  amr: [],
  needsAccount: false,
  identifies: true,
  passesAlone: true,
  parameters: ['ValidateUsername', 'skipIdentifierPreProcess'],
  attempts: 5,
});

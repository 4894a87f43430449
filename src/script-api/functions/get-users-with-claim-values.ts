import { defineFunction, type FunctionLimits } from '../definition.ts';
import { searchedClaims, searchPeople } from '../search-people.ts';
import type { ScriptWorld } from '../world.ts';

const limits = {
  found: { value: 50, unit: 'people', summary: 'How many a script gets; the others are left out.' },
} as const satisfies FunctionLimits;

export const getUsersWithClaimValues = defineFunction({
  name: 'getUsersWithClaimValues',
  group: 'linked accounts and search',
  summary: 'The people whose accounts have all of these claims, exactly so, in an order that stays the same.',
  parameters: [
    searchedClaims,
    {
      name: 'context',
      type: 'context or tenant',
      optional: true,
      summary: 'The context, or the tenant by its name: there is one.',
    },
    { name: 'profile', type: 'text', optional: true, summary: 'Accounts have one profile, whatever its name.' },
  ],
  result: { typescript: 'User[]', summary: 'User objects; none when nobody has these claims.', holds: 'users' },
  limits,
  effect: 'reads',
  domain: { open: [[], ['somebody']] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var mobile = context.currentKnownSubject.localClaims['http://wso2.org/claims/mobile'];
    var users = mobile ? getUsersWithClaimValues({ 'http://wso2.org/claims/mobile': mobile }, context) : [];
    for (var i = 0; i < users.length; i++) { Log.info('Has the same number: ' + users[i].username); }
    Log.info(getUsersWithClaimValues({ 'http://wso2.org/claims/department': 'sales' }, context).length);
  } });
};`,
  async run(world: ScriptWorld, claims: Record<string, string>) {
    return searchPeople(world, 'getUsersWithClaimValues', claims, limits.found.value);
  },
});

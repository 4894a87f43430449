import { defineFunction } from '../definition.ts';
import { searchedClaims, searchPeople } from '../search-people.ts';
import type { ScriptWorld } from '../world.ts';

export const getUniqueUserWithClaimValues = defineFunction({
  name: 'getUniqueUserWithClaimValues',
  group: 'linked accounts and search',
  summary: 'The one person whose account has all of these claims, exactly so.',
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
  result: {
    typescript: 'User | null',
    summary: 'Null when nobody has these claims, and when more than one person has.',
    holds: 'user',
  },
  effect: 'reads',
  domain: { open: [null, 'somebody'] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var mail = context.currentKnownSubject.localClaims['http://wso2.org/claims/emailaddress'];
    var user = getUniqueUserWithClaimValues({ 'http://wso2.org/claims/emailaddress': mail }, context);
    if (user == null) { executeStep(2); } else { Log.info('The address is one person’s: ' + user.username); }
  } });
};`,
  async run(world: ScriptWorld, claims: Record<string, string>) {
    const found = await searchPeople(world, 'getUniqueUserWithClaimValues', claims, 2);
    return found.length === 1 ? found[0] : null;
  },
});

import type { JitSettings } from './connection.ts';

/** What a connection does with its people unless its admin says otherwise. */
export const defaultJit: Readonly<JitSettings> = {
  enabled: true,
  scheme: 'PROVISION_SILENTLY',
  userStore: 'PRIMARY',
  attributeSync: 'OVERRIDE_ALL',
  groupSync: 'MERGE_WITH_EXISTING',
  username: null,
  onConflict: 'FAIL',
  requiredAttributes: [],
  linking: {
    enabled: false,
    rules: [{ federatedAttribute: 'email', localAttribute: 'http://wso2.org/claims/emailaddress' }],
    proof: 'VERIFIED_ATTRIBUTE',
    skipJitOnNoMatch: false,
  },
};

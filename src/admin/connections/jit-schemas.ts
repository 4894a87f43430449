import { type Static, Type } from 'typebox';
import type { JitSettings } from '../../connections/connection.ts';
import { present } from '../merge.ts';
import { closed, nullable } from '../schemas.ts';

const ClaimName = Type.String({ minLength: 1, maxLength: 500 });

const linking = {
  enabled: Type.Boolean({
    description: 'May people who come for the first time get an account that is there? Default: false.',
  }),
  rules: Type.Array(
    Type.Object(
      {
        federatedAttribute: Type.String({ minLength: 1, maxLength: 200, description: 'The provider’s claim.' }),
        localAttribute: Type.String({
          minLength: 1,
          maxLength: 500,
          description: 'Our claim, by URI or plain name; `username` is the user name.',
        }),
      },
      { ...closed, title: 'LinkingRule' },
    ),
    {
      maxItems: 2,
      description:
        'The first rule that exactly one account fits decides; the second is the fallback. Default: the mail addresses.',
    },
  ),
  proof: Type.Enum(['VERIFIED_ATTRIBUTE', 'CONFIRM_WITH_PASSWORD', 'CONFIRM_WITH_EMAIL_CODE', 'TRUST_CONNECTION'], {
    description:
      'What must be shown before an account that fits is linked: the provider (trusted for mail addresses) says that the address is verified, and ours is verified too; the account’s password; a code to the account’s verified address; or nothing, for a provider that the organisation runs itself. Password and code are asked together with the account’s authenticator app if it has one; a password without an app, with a code to its verified address if it has one.',
  }),
  skipJitOnNoMatch: Type.Boolean({
    description: 'No account fits: none is made, and the sign-in goes on as with provisioning off. Default: false.',
  }),
};

const jit = {
  enabled: Type.Boolean({ description: 'Do people who come through it get an account? Default: true.' }),
  scheme: Type.Enum(
    ['PROVISION_SILENTLY', 'PROMPT_CONSENT', 'PROMPT_PASSWORD_CONSENT', 'PROMPT_USERNAME_PASSWORD_CONSENT'],
    { description: 'What people are asked before their account is made.' },
  ),
  userStore: Type.Enum(['PRIMARY'], { description: 'Where the account goes.' }),
  attributeSync: Type.Enum(['OVERRIDE_ALL', 'PRESERVE_LOCAL', 'NONE'], {
    description:
      'Later sign-ins: the provider’s values win, and what it no longer sends is removed; its values win and nothing is removed; nothing changes. Only what came from this connection is ever removed.',
  }),
  groupSync: Type.Enum(['MERGE_WITH_EXISTING', 'OVERRIDE_ALL'], {
    description: 'The provider’s groups join those that are there, or replace those that came from this connection.',
  }),
  username: nullable(
    Type.String({ minLength: 1, maxLength: 200 }),
    'The provider’s claim for the user name. Null: preferred_username, else a verified mail address, else generated.',
  ),
  onConflict: Type.Enum(['FAIL', 'PROMPT_USERNAME', 'SUFFIX_USERNAME'], {
    description:
      'The wished user name belongs to somebody else: the sign-in fails, the person is asked for another one, or it gets a number.',
  }),
  requiredAttributes: Type.Array(ClaimName, {
    maxItems: 20,
    uniqueItems: true,
    description:
      'Claims (URIs or plain names) that a new account must have: the person is asked for those that do not come along.',
  }),
};

export const JitPatch = Type.Partial(Type.Object({ ...jit, linking: Type.Partial(Type.Object(linking), closed) }), {
  ...closed,
  title: 'JitSettings',
});
export type JitPatch = Static<typeof JitPatch>;

export const JitView = Type.Object({ ...jit, userStore: Type.String(), linking: Type.Object(linking) });

/** Settings with what an admin gives: objects are merged, lists replaced. */
export function mergeJit(before: JitSettings, patch: JitPatch = {}): JitSettings {
  const { linking: linkingPatch, ...fields } = patch;
  return { ...before, ...present(fields), linking: { ...before.linking, ...present(linkingPatch ?? {}) } };
}

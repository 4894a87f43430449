import type { interactionPolicy as Types } from 'oidc-provider';
import { interactionPolicy } from '../kernel/oidc-provider.ts';

const { Check, Prompt, base } = interactionPolicy;

/**
 * When a person is asked, and for what. The library's own checks let a session stand in for a login; here every
 * authorization request runs one, because a script decides about each. It may well decide in an instant.
 *
 * So does `prompt=none`, before this is asked (`silent-sign-in.ts`): where its login could not run to the end, there is none
 * here, and the answer is `login_required`.
 */
export function createInteractionPolicy(): Types.DefaultPolicy {
  const policy = base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (!login || !consent) throw new Error('oidc-provider has no login or consent prompt any more');

  // What max_age, id_token_hint and essential claims demand is checked when the login ends: unmet, it is an error.
  for (const reason of [
    'no_session',
    'max_age',
    'id_token_hint',
    'claims_id_token_sub_value',
    'essential_acrs',
    'essential_acr',
  ]) {
    login.checks.remove(reason);
  }
  login.checks.add(
    new Check('own_login', 'the request needs a login of its own', 'login_required', ({ oidc }) => !oidc.result?.login),
  );
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 1);

  // A grant without the scopes asked for is what asks for consent. Resources and rich requests are not supported.
  for (const reason of ['native_client_prompt', 'rs_scopes_missing', 'rar_prompt']) consent.checks.remove(reason);
  return policy;
}

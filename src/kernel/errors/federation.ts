import { defineErrors } from './define.ts';

/** Identity providers and what they answer. */
export const federationErrors = defineErrors({
  // Federation
  IDP_ERROR: {
    status: 502,
    admin: 'The identity provider answered with an error.',
    mend: 'Look at the error in the details; check the connection at the provider.',
  },
  IDP_DENIED: {
    status: 403,
    admin: 'The identity provider says that the person refused or was refused.',
    mend: 'The person tries again or chooses another way.',
  },
  IDP_UNREACHABLE: {
    status: 502,
    admin: 'The identity provider did not answer in time.',
    mend: 'Check that the provider is up and that this server may reach it (STEPGATE_EGRESS_HOSTS).',
  },
  IDP_ANSWER_INVALID: {
    status: 502,
    admin: 'The identity provider’s answer failed a check (issuer, audience, nonce, signature, time or form).',
    mend: 'Look at the failed check in the details; compare the connection’s issuer and client with the provider.',
  },
  IDP_SIGN_IN_NOT_FRESH: {
    status: 403,
    admin:
      'The application asks for a new sign-in (prompt=login, max_age), and the identity provider did not show one.',
    mend: 'Check the provider’s clock, and that it obeys prompt=login and max_age, or ForceAuthn. OAuth 2.0 cannot show it: offer another way.',
  },
  STATE_INVALID: {
    status: 400,
    admin: 'The answer from an identity provider belongs to no open sign-in, or was used before.',
    mend: 'The person starts again from the application. Many of these may mean an attack.',
  },
  CONNECTION_DISABLED: {
    status: 403,
    admin: 'The connection is disabled, gone, or leads to another provider than the person came from.',
    mend: 'Enable it: PATCH /api/v1/connections/:id {"enabled": true}. Of another provider the details tell; whoever came before the change signs in again.',
  },
  DOMAIN_NOT_ALLOWED: {
    status: 403,
    admin:
      'The connection is for people of other domains, or the provider does not vouch for the person’s mail address.',
    mend: 'Look at the reason in the details; who may come in stands in the connection’s allowedDomains.',
  },
  PROVISIONING_FAILED: {
    status: 403,
    admin: 'The account could not be made or brought up to date.',
    mend: 'The details name the reason.',
  },
  LINK_REFUSED: {
    status: 403,
    admin: 'An account fits the person by a linking rule, and that it is theirs was not shown.',
    mend: 'The details name what is missing. An admin can link it: POST /api/v1/users/:id/associations.',
  },
  USERNAME_INVALID: {
    status: 422,
    admin: 'The user name is empty, too long, or has characters that a user name must not have.',
    mend: 'Use letters of one script, digits and ASCII punctuation, at most 255 characters.',
  },
  USERNAME_TAKEN: {
    status: 409,
    admin: 'The user name belongs to another account.',
    mend: 'Map another claim to the user name, or let the connection resolve conflicts with jit.onConflict.',
  },
});

import { defineErrors } from './define.ts';

/** Calls of scripts, and calls to other servers. */
export const callErrors = defineErrors({
  // Calls to other servers
  EGRESS_REFUSED: {
    status: 502,
    admin: 'The call to another server was not let out, or nobody answers there.',
    mend: 'Look at the reason in the details; check STEPGATE_EGRESS_HOSTS, the name and its addresses, which must be public.',
  },
  EGRESS_TIMEOUT: {
    status: 504,
    admin: 'Another server did not answer in time.',
    mend: 'Check that it is up and how long it takes.',
  },
  EGRESS_TOO_LARGE: {
    status: 502,
    admin: 'Another server answered with more bytes than are taken.',
    mend: 'Let it answer with less.',
  },
  EGRESS_FAILED: {
    status: 502,
    admin: 'The call to another server broke off.',
    mend: 'Look at the reason in the details (TLS, protocol, redirect); check the server and its URL.',
  },

  // Calls of scripts
  CALL_FAILED: {
    status: 502,
    admin: 'What the script asked an endpoint for was not answered well, and no handler took care of it.',
    mend: 'Look at the reason in the details; give the call an onFail.',
  },
  CALL_TIMEOUT: {
    status: 504,
    admin: 'The calls of this sign-in took longer than a person is kept waiting.',
    mend: 'Let the endpoint answer faster, call fewer, or give the call an onTimeout.',
  },
  ENTRY_FORGOTTEN: {
    status: 422,
    admin:
      'The script uses what the person typed, and this server does not know it any more: it was restarted meanwhile. It is never stored.',
    mend: 'The person types it again.',
  },
  PASSWORD_NOT_SET: {
    status: 422,
    admin: 'The script could not give the account another password, and no handler took care of it.',
    mend: 'Look at the reason in the details; give updateUserPassword an onFail.',
  },
  CALL_UNKNOWN: {
    status: 502,
    admin: 'The server broke down during this call, every time it was tried.',
    mend: 'Look at the log of those times; the person starts again.',
  },
});

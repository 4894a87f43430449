import type { OAuth2Connection } from '../../connections/connection.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { Form } from '../authenticator.ts';
import { invalidAnswer, toldError } from '../federated/failure.ts';
import type { Vouched } from '../federated/protocol.ts';
import { type CallProvider, callWithToken } from './call.ts';
import type { Kept } from './depart.ts';
import { pickMailAddress } from './mail-addresses.ts';
import { redeemCode } from './token.ts';

/** Claims that only a signature gives worth to: nothing is signed here. */
const signedOnly = ['amr', 'acr', 'auth_time', 'hd', 'iss', 'aud', 'sub'];

/**
 * Turns the provider's answer in the browser into the person whom its userinfo endpoint names.
 * @throws AppError IDP_… or EGRESS_…
 */
export async function readAnswer(
  deps: { fetch: CallProvider; box: Pick<CryptoBox, 'open'>; redirectUri: string },
  connection: OAuth2Connection,
  kept: Kept,
  form: Form,
): Promise<Vouched> {
  const { error, error_description: description, code } = form;
  if (error !== undefined) throw toldError(error, description);
  if (!code) throw invalidAnswer('There is no code in the answer.');
  const grant = { code, redirectUri: deps.redirectUri, verifier: kept.verifier };
  const token = await redeemCode(deps, connection, grant);

  const person = await callWithToken(deps.fetch, connection.userinfoEndpoint, token.accessToken);
  if (typeof person !== 'object' || person === null || Array.isArray(person)) {
    throw invalidAnswer('Userinfo is no JSON object.');
  }
  const told = person as Record<string, unknown>;
  const subject = readSubject(told, connection.subjectClaim);
  const claims = Object.fromEntries(Object.entries(told).filter(([name]) => !signedOnly.includes(name)));
  // OAuth 2.0 has no word for signing out.
  const upstream = { name: subject, sid: null, backChannel: 'never', signOut: null, token } as const;
  if (connection.emailsEndpoint === null) return { subject, claims, upstream };
  const { email: _email, email_verified: _verified, ...others } = claims;
  return {
    subject,
    claims: {
      ...others,
      ...pickMailAddress(await callWithToken(deps.fetch, connection.emailsEndpoint, token.accessToken)),
    },
    upstream,
  };
}

/** Numbers are names too, as long as they are whole and came as they were written. */
function readSubject(told: Record<string, unknown>, claim: string): string {
  const value = Object.hasOwn(told, claim) ? told[claim] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw invalidAnswer(`Userinfo has no «${claim}», by which people are known.`);
}

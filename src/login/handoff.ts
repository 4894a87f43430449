import type { LoginId, SessionId } from '../kernel/ids.ts';
import type { SignInFacts } from '../sessions/session.ts';
import type { Stores } from '../stores.ts';
import type { LoginRequest } from './login.ts';

/** The cookie that binds a login to the browser it was started in; its path is `/login/<id>`, so that tabs do not disturb each other. */
export const loginCookie = 'sg_login';

/** The application's side hands a person over to a login, and takes the answer back. Implemented by `login` and by `oidc`. */
export interface LoginStarter {
  /**
   * Begins a login for an authorization request. Runs no script yet: the first page does.
   * @returns the login, and the secret for the cookie `sg_login` (path `/login/<id>`) that binds it to this browser.
   * @throws AppError CLIENT_UNKNOWN, CLIENT_DISABLED, VERSION_WITHDRAWN (nothing is published)
   */
  begin(of: {
    interactionUid: string;
    clientId: string;
    request: LoginRequest;
    /** The browser's session at the OpenID provider, if steps passed in it may count. */
    browserUid: string | null;
  }): Promise<{ loginId: LoginId; browserSecret: string }>;
}

/**
 * Runs a login without a page, in the browser session `browserUid`. Where it needs the person, the result is an error:
 * `login_required` or `interaction_required`. `cookies` are Set-Cookie headers for the browser, in either case.
 * @throws AppError as `LoginStarter.begin`, and OVERLOADED
 */
export type SignInSilently = (of: {
  clientId: string;
  request: LoginRequest;
  browserUid: string;
}) => Promise<{ result: LoginResult; cookies: readonly string[] }>;

/** How a login ended, as the application gets to know it. */
export type LoginResult =
  | {
      ok: true;
      /** `sub` */
      subject: string;
      /** Have they an account here? Then its end is theirs, too. */
      account: boolean;
      acr: string | null;
      /** Authentication Method References (RFC 8176). */
      amr: string[];
      /** Seconds since the epoch. */
      authTime: number;
      loginId: LoginId;
      /**
       * Claims of this sign-in alone, by their names in the id_token and userinfo: what the script set, and the attributes of
       * a person without an account. Kept as long as the sign-in's tokens, in the grant's own record.
       */
      claims: Record<string, unknown>;
      /** What the browser's session is to remember of it. */
      facts: SignInFacts;
      /** The browser's session that it relied on; null when every step was asked. Were it ended, the result is worth nothing. */
      session: SessionId | null;
    }
  | { ok: false; error: string; errorDescription: string; errorUri?: string };

export interface LoginFinisher {
  /**
   * Stores the result for the authorization request, once; @returns the URL to send the browser to. It belongs to the unit
   * that ends the login: from then on, whatever ends a person's tokens ends this result, too.
   */
  finish(
    stores: Pick<Stores, 'artifacts'>,
    interactionUid: string,
    result: LoginResult,
  ): Promise<{ redirectTo: string }>;
  /** Can the stored result still be taken to the application? It is taken once; a back button comes too late. */
  isOpen(interactionUid: string): Promise<boolean>;
}

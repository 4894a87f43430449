import type { ErrorCode } from '../kernel/errors.ts';

/** A request as it is sent. */
export interface OutsideRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

/** What came back, whatever its status. Values that `reveal` has given out are hidden again in `text`. */
export interface OutsideAnswer {
  status: number;
  /** Of the Content-Type header: the media type alone, in lower case; empty when there is none. */
  mediaType: string;
  text: string;
}

/** What lies outside, as a function that asks it gets it: for one call of one login. */
export interface Outside {
  /** The same at each attempt of this call, and of no other: `<login>:<number of its journal entry>`. */
  readonly key: string;
  /**
   * Sends one request, once.
   * @throws OutsideFailure when nothing came back, or nothing was let out.
   */
  send(request: OutsideRequest): Promise<OutsideAnswer>;
  /** One of the servers that the installation is set up with; null when it is not. */
  integration(name: IntegrationName): Integration | null;
  /**
   * What stands for a secret of this name, of the version that the login began with.
   * @throws OutsideFailure when there is none
   */
  secret(name: string): Promise<string>;
  /** The text with the values of secrets, and of what the person typed, in their places; `encode` fits one into the text. */
  reveal(text: string, encode?: (value: string) => string): Promise<string>;
  /** Keeps an access token for all logins that ask for it with the same `key`, as long as it lives. */
  token(key: string, ask: () => Promise<AccessToken>): Promise<string>;
  /** Has this token been refused? Then the next one is asked for anew. */
  forgetToken(key: string): void;
}

export type IntegrationName = 'analytics' | 'elastic';

export interface Integration {
  /** Without a slash at its end; paths go behind it. */
  url: string;
  /** What it is called with, where it wants to know who asks (RFC 7617). */
  credentials: { username: string; password: string } | null;
}

export interface AccessToken {
  value: string;
  /** Seconds. */
  lifetime: number;
}

/** Nothing came back. `detail` is for the admin alone: a script must not be able to map a network with it. */
export class OutsideFailure extends Error {
  override readonly name = 'OutsideFailure';
  readonly outcome: 'fail' | 'timeout';
  readonly code: ErrorCode;
  readonly detail: string | null;

  constructor(outcome: 'fail' | 'timeout', code: ErrorCode, detail: string | null) {
    super(detail ?? code);
    this.outcome = outcome;
    this.code = code;
    this.detail = detail;
  }
}

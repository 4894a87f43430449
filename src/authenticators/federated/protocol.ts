import type { Connection } from '../../connections/connection.ts';
import type { LoginRequest } from '../../login/login.ts';
import type { UpstreamContent, UpstreamSession } from '../../sessions/upstream.ts';
import type { Form, StepState } from '../authenticator.ts';

/** What the provider is asked for, and by whom. */
export interface DepartureRequest {
  /** Comes back with the answer (`state`, `RelayState`). Only the browser carries it; here only its hash is kept. */
  state: string;
  /** What the script set with authenticatorParams. */
  parameters: Readonly<Record<string, string>>;
  /** What the application asked for; the hint may be what the person typed before. */
  asked: Pick<LoginRequest, 'loginHint' | 'prompt' | 'maxAge'>;
}

/** The way to the provider. */
export interface Departure {
  url: string;
  /** What checking the answer will need. JSON, kept sealed with the login. */
  kept: StepState;
}

/** What a provider vouched for, after every check. */
export interface Vouched {
  /** The provider's own, unchanging name for the person. */
  subject: string;
  /**
   * What it said of the person. JSON values. `amr`, `acr` and `auth_time` say how the person signed in there, and stand here
   * only where the provider has signed them.
   */
  claims: Record<string, unknown>;
  upstream: Upstream;
}

/** What the provider's side of this sign-in is known by there. */
export interface Upstream extends Pick<UpstreamSession, 'name' | 'sid' | 'backChannel'> {
  /** What a request to sign out there has to show; null where the provider takes none. */
  signOut: UpstreamContent['signOut'];
  token: UpstreamContent['token'];
}

/** What a provider told of a sign-out: all of a person's sign-ins there, or one session. */
export interface ToldSignOut extends Pick<UpstreamSession, 'sid'> {
  name: string | null;
  /** No other message of the provider has it. */
  id: string;
  /** Where the browser that brought the message is to go with our answer; null when no browser brought it. */
  answer: string | null;
  /** What the provider's server, which sent the message by SOAP, is answered; null when it came in another way. */
  reply: string | null;
}

/** A message that came to a connection's `logoutUrl`, in one of three ways. */
export interface SignOutMessage {
  /** As it came: signatures cover its very letters. */
  query: string;
  form: Form;
  /** The envelope. */
  soap: string | null;
}

/** How people are sent to one kind of provider, and how its answers are read. One folder each: `federated-<type>`. */
export interface FederationProtocol<C extends Connection = Connection> {
  /** @throws AppError IDP_… when the provider cannot be asked */
  depart(connection: C, request: DepartureRequest): Promise<Departure>;
  /**
   * Checks the answer and turns it into the person it vouches for.
   * @param kept what `depart` wanted to be kept
   * @throws AppError IDP_… with what was wrong
   */
  read(connection: C, kept: StepState, answer: Form): Promise<Vouched>;
  /**
   * The way to sign out at the provider, or null where it offers none.
   * @param signOut what `read` said that it would have to show
   * @throws AppError IDP_… when the provider cannot be asked
   */
  signOut?(connection: C, signOut: Record<string, string>, of: { state: string }): Promise<string | null>;
  /**
   * Tells the provider, from server to server, that a session here has ended.
   * @param signOut what `read` said that it would have to show
   * @returns what it has answered: the name of a status
   * @throws AppError IDP_… or EGRESS_… when it cannot be told, IDP_ERROR when it refuses
   */
  tellSignOut?(connection: C, signOut: Record<string, string>): Promise<string>;
  /**
   * Checks a message that a provider sent, or let a browser bring, of its own accord.
   * @throws AppError IDP_ANSWER_INVALID with what was wrong
   */
  readSignOut?(connection: C, message: SignOutMessage): Promise<ToldSignOut>;
  /** The provider's metadata and keys are asked for again: they were of no use. */
  forget(id: Connection['id']): void;
}

import type { Connection } from '../../connections/connection.ts';
import type { LoginRequest } from '../../login/login.ts';
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
  /** The provider's metadata and keys are asked for again: they were of no use. */
  forget(id: Connection['id']): void;
}

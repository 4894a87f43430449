import type { StepState } from '../authenticators/authenticator.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { ProvisioningResult } from '../provisioning/provision.ts';

/** One request on the way: what was sent and what came back, by names alone. No value of either is kept. */
export interface Call {
  by: 'server' | 'browser';
  method: string;
  /** Without its query. */
  url: string;
  /** Names of the parameters, and of the headers that prove who we are. */
  sent: string[];
  /** HTTP; null where there was no answer, or where only the browser saw it. */
  status: number | null;
  /** Names in the answer's JSON. */
  answered: string[];
  milliseconds: number | null;
}

export type HopName =
  | 'discovery'
  | 'keys'
  | 'client'
  | 'endpoints'
  | 'certificates'
  | 'departure'
  | 'answer'
  | 'token'
  | 'id_token'
  | 'assertion'
  | 'userinfo'
  | 'emails'
  | 'claims';

/** A part of the way, with what was looked at there. */
export interface Hop {
  name: HopName;
  /** `warning`: sign-ins work, or may work, and there is something to know. */
  outcome: 'passed' | 'warning' | 'failed';
  calls: Call[];
  /** What holds, a sentence each. */
  checked: string[];
  cause: string | null;
  mend: string | null;
}

/** What provisioning would do for the person who came. Nothing of it was done. */
export interface Preview {
  /** `asks`: the person would be asked first. */
  result: ProvisioningResult['result'] | 'asks';
  userId: string | null;
  /** The user name that a new account would wish for, and the claim that it is from. */
  username: { value: string; from: string };
  /** Which claim becomes which attribute. */
  attributes: { claim: string; uri: string; value: string }[];
  /** Attributes that would count as proven, by URI. */
  verified: string[];
  /** The provider's groups, and what they stand for here. */
  remoteGroups: string[];
  groups: string[];
  roles: string[];
  /** What the sign-in's `amr` would get of the provider's word. */
  amr: string[];
  /** What the person would be asked, a word each. */
  asks: string[];
  changes: ProvisioningResult['changes'];
  problem: { code: string; detail: string } | null;
}

/** A test of a connection: what could be looked at without a person, and what became of the one who went there. */
export interface ConnectionTest {
  /** SHA-256 of the round trip's state: what the provider brings back leads here. */
  id: string;
  connectionId: ConnectionId;
  /** `waiting`: nobody has come back yet. */
  result: 'waiting' | 'passed' | 'failed';
  /** Where to sign in; null when there is no way there, or the answer has come. */
  url: string | null;
  hops: Hop[];
  subject: string | null;
  /** As they came. */
  claims: Record<string, unknown> | null;
  preview: Preview | null;
  expiresAt: number;
}

/** What is kept of it between the two halves of the round trip. */
export interface StoredTest extends ConnectionTest {
  /** What the protocol wanted to be kept; null when there is nothing to come back from. */
  kept: StepState | null;
}

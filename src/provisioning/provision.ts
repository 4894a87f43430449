import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** What Just-in-Time provisioning did for a person, or why it did nothing. */
export interface ProvisioningResult {
  result:
    | 'pending'
    | 'known'
    | 'created'
    | 'updated'
    | 'linked'
    | 'unchanged'
    | 'disabled'
    | 'skipped'
    | 'refused'
    | 'failed';
  userId: UserId | null;
  /** Attribute by attribute: null stands for «was not there» or «is gone». */
  changes: { what: string; before: string | null; after: string | null }[];
  /** The error code and its cause, where the result is `refused` or `failed`. */
  problem?: { code: string; detail: string };
}

/** How somebody shows that an account is theirs. */
export type AccountProof = 'password' | 'email-code' | 'totp';

/** What the person is asked before their account is made or linked. Nothing has been written yet. */
export type Questions =
  /** An account that fits is here: is it theirs? */
  | {
      kind: 'proof';
      userId: UserId;
      by: AccountProof;
      /** The value that the account was found by; the person brought it along. */
      value: string;
    }
  /** May an account be made, and with what? */
  | {
      kind: 'profile';
      consent: boolean;
      /** What is proposed is free, or empty. */
      username: { proposed: string; asked: boolean };
      password: boolean;
      /** URIs of attributes that an account must have and that did not come along. */
      attributes: string[];
      /** What did come along, by URI: the account will have it. */
      known: Record<string, string>;
      /** What was wrong with the answers before, by field: `username` or the attribute's URI. */
      problems: { field: string; code: ErrorCode }[];
    };

/** What the person has answered. */
export interface Answers {
  /** What they have shown so far to be theirs; whether that is enough is decided in the unit that links. */
  shown?: readonly { userId: UserId; by: AccountProof }[];
  /** Why there is no use in asking on. */
  failed?: { code: ErrorCode; detail: string };
  /** The account that they say is not theirs. */
  declined?: UserId | null;
  profile?: {
    username: string | null;
    /** argon2id, in PHC form. */
    passwordHash: string | null;
    /** By URI; what was not asked for is not taken. */
    attributes: Record<string, string>;
  };
}

/** Everything that provisioning decides from; the same for a live login, a dry run and a preview. */
export interface ProvisioningInput {
  connection: Connection;
  person: FederatedPerson;
  /** The account that is associated with the person, or null. */
  known: User | null;
  now: number;
  /** The script asked for no provisioning in this login. */
  skip?: boolean;
  answers?: Answers;
}

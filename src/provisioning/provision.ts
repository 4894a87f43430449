import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
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

/** Everything that provisioning decides from; the same for a live login, a dry run and a preview. */
export interface ProvisioningInput {
  connection: Connection;
  person: FederatedPerson;
  /** The account that is associated with the person, or null. */
  known: User | null;
  now: number;
  /** The script asked for no provisioning in this login. */
  skip?: boolean;
}

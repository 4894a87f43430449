import type { StepPerson } from '../authenticators/authenticator.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { SessionId } from '../kernel/ids.ts';
import type { ProvisioningResult } from '../provisioning/provision.ts';
import type { LoginRequest } from './login.ts';
import type { StepOption } from './options.ts';

/*
 * The answers that a login's journal holds, as JSON. The script's objects are made from them; what the script must not
 * see is simply never read by the guest.
 */

/** The answer to `start`. */
export interface StartAnswer {
  at: number;
  seed: number;
  /** The application's whole request, for the server; scripts see `request`. */
  asked: LoginRequest;
  request: {
    ip: string;
    headers: Record<string, string>;
    params: Record<string, string[]>;
    cookies: Record<string, { value: string }>;
  };
  requestedAcr: string[];
  /** The SSO session that the browser had, if the sign-in may rely on it. */
  session: SessionId | null;
  /** The flow's options as the script sees them, pinned with the login. */
  steps: { options: StepOption[] }[];
  tenantDomain: string;
  serviceProviderName: string;
  /** The script can link accounts: a step may be passed by somebody who is still to be linked to the login's person. */
  links?: true;
}

/** A step that was passed. */
export interface StepPassed {
  at: number;
  step: number;
  outcome: 'success';
  /** Does it prove who the person is? */
  proves: boolean;
  idp: string;
  authenticator: string;
  /** The reference of who passed it, and of who the login is for. */
  user: string;
  subject: string;
  amr: string[];
  person: StepPerson;
  /** What was typed, as scripts see it: placeholders for what nobody may read. */
  params?: Record<string, string[]>;
  /** They and the login's person are not one as yet: the script has to link them. */
  provesLink?: true;
  provisioning?: Omit<ProvisioningResult, 'changes'>;
  /** Nobody was asked: it was passed in this SSO session, at this time. */
  reused?: { session: SessionId; at: number };
}

/** A step that was not passed. */
export interface StepMissed {
  at: number;
  step: number;
  outcome: 'fail' | 'abort' | 'fallback';
  idp: string | null;
  authenticator: string | null;
  user: string | null;
  /** As of a step that was passed. */
  params?: Record<string, string[]>;
  failure: { code: ErrorCode; params: Record<string, string>; detail: string | null };
}

export type StepAnswer = StepPassed | StepMissed;

/** A note: what provisioning did for the person of a step. */
export interface ProvisioningNote {
  step: number;
  provisioning: ProvisioningResult;
}

export const provisioningOp = 'provisioning';

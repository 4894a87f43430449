import type { PublishedFlow } from '../../../src/login/flow.ts';
import type { FindingCode } from '../../../src/validator/finding.ts';
import { stepsOf } from '../knowledge.ts';

/** A script and the flow around it: what `findingsOf` takes. */
export type Case = [script: string | null, changed?: Partial<PublishedFlow>];

export const login = (body: string) =>
  `var onLoginRequest = function (context) { executeStep(1); executeStep(2); ${body} };`;
export const password = { authenticator: 'BasicAuthenticator' };
export const totp = { authenticator: 'totp' };
export const plain1 = { steps: stepsOf([password]) };
export const plain = { steps: stepsOf([password], [totp]) };

/** The text that a finding is about, a path in the flow, or neither; of each where there are several. */
type At = string | null;

/** For each code: what has it, where, with a part of the message and the mend; and what nearly has it. */
export type Cases = Record<
  FindingCode,
  { has: [why: string, of: Case, at: At | At[], like: object][]; nearly: [why: string, of: Case][] }
>;

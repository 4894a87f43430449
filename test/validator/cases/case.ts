import type { FindingCode } from '../../../src/validator/finding.ts';
import { type findingsOf, stepsOf } from '../knowledge.ts';

/** A script, the flow around it, and what is known there: what `findingsOf` takes. */
export type Case = Parameters<typeof findingsOf>;

export const login = (body: string) =>
  `var onLoginRequest = function (context) { executeStep(1); executeStep(2); ${body} };`;
export const password = { authenticator: 'BasicAuthenticator' };
export const totp = { authenticator: 'totp' };
export const plain1 = { steps: stepsOf([password]) };
export const plain = { steps: stepsOf([password], [totp]) };

/** For each code: what has it, with the place and a part of the mend; and what nearly has it. */
export type Cases = Record<
  FindingCode,
  { has: [why: string, of: Case, like: object][]; nearly: [why: string, of: Case][] }
>;

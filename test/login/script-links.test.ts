import { expect, it } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import type { Facts } from '../../src/login/facts.ts';
import { findLinkFault, findUnlinkFault } from '../../src/login/script-links.ts';

/*
 * Stories end such sign-ins before their script is asked again. Here the account changes in the very moment of the call,
 * which no story can time.
 */
const as = (accounts: string[], accountless: string[] = []) =>
  ({
    accounts: new Map(accounts.map((ref) => [ref, 'user_1'])),
    accountless: new Set(accountless),
    passed: [],
  }) as unknown as Facts;
const fine = { locked: false, disabled: false };

it.each([
  ['is as it was', {}, [], null],
  ['was locked', { locked: true }, [], 'The account is locked or disabled.'],
  ['was disabled', { disabled: true }, [], 'The account is locked or disabled.'],
  ['was needed', {}, ['Google/1'], 'A step of this sign-in has needed the account already, or a session knew it.'],
])('a script that unlinks somebody whose account %s', (_what, state, accounts, fault) => {
  expect(findUnlinkFault(as(accounts), 'Google/1', { ...fine, ...state })).toBe(fault);
});

it.each([
  ['nobody’s yet', as([]), null],
  ['another person’s', as(['Google/2']), null],
  ['theirs already', as(['Google/1']), 'It was settled already whose account it is.'],
  ['not theirs: they keep none here', as([], ['Google/1']), 'It was settled already whose account it is.'],
])('a script that links somebody of a trusted connection to an account that is %s', (_what, facts, fault) => {
  const connection = { jit: { linking: { proof: 'TRUST_CONNECTION' } } } as Pick<Connection, 'jit'>;
  expect(findLinkFault(facts, 'Google/1', connection, { ...fine, id: 'user_1', hasApp: true })).toBe(fault);
});

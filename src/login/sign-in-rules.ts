import type { SignInRule } from '../applications/sign-in-rule.ts';
import { connectionKey } from '../connections/connection.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { countFactorKinds, type Failure, failWithPage } from './ending.ts';
import type { Facts } from './facts.ts';

/** A sign-in that is to end well, as far as rules look at it. */
export interface RuledSignIn {
  /** The identity provider of whoever it is for. */
  subjectIdp: string;
  /** Steps that were passed and prove something. */
  proofs: readonly { idp: string; authenticator: string; amr: readonly string[] }[];
  /** Is the person in this group? */
  isMember(group: string): boolean;
}

/**
 * The failure of a login that comes to a good end and does not fulfil a rule; null where it fulfils all of them.
 * @param groups of the person who signs in; null where they are not known: then they may be a member of any
 */
export function failByRules(
  rules: readonly SignInRule[],
  { passed, subject }: Pick<Facts, 'passed' | 'subject'>,
  groups: readonly string[] | null,
): Failure | null {
  const broken = findBrokenRule(rules, {
    subjectIdp: passed.find(({ step, user }) => step === subject?.step && user === subject.ref)?.idp ?? '',
    proofs: passed.filter(({ proves }) => proves),
    isMember: (group) => groups?.includes(group) ?? true,
  });
  return broken && failWithPage('RULE_NOT_MET', {}, `The rule: ${describeRule(broken)}.`);
}

/** The first rule that a sign-in does not fulfil; null when it fulfils all of them. */
export function findBrokenRule(rules: readonly SignInRule[], signIn: RuledSignIn): SignInRule | null {
  return rules.find((rule) => !isFulfilled(rule, signIn)) ?? null;
}

function isFulfilled(rule: SignInRule, { subjectIdp, proofs, isMember }: RuledSignIn): boolean {
  switch (rule.kind) {
    case 'two-factors':
      if (rule.people === 'local' && subjectIdp !== localIdp) return true;
      return countFactorKinds(proofs.flatMap(({ amr }) => amr)) >= 2;
    case 'group-factor':
      return (
        !isMember(rule.group) ||
        proofs.some(({ idp, authenticator }) => idp === localIdp && rule.authenticators.includes(authenticator))
      );
    case 'connections': {
      const allowed = new Set(rule.allowed.map(connectionKey));
      return proofs.every(({ idp }) => allowed.has(connectionKey(idp)));
    }
    default:
      // A kind that this version does not know is fulfilled by nobody.
      rule satisfies never;
      return false;
  }
}

/** In a sentence, for admins. */
export function describeRule(rule: SignInRule): string {
  const list = new Intl.ListFormat('en', { type: 'disjunction' });
  switch (rule.kind) {
    case 'two-factors':
      return rule.people === 'local' ? 'local people need two factors' : 'everybody needs two factors';
    case 'group-factor':
      return `members of group «${rule.group}» need ${list.format(rule.authenticators)}`;
    case 'connections':
      return `people sign in with ${list.format(rule.allowed)} only`;
  }
}

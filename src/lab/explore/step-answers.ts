import type { Question } from '../../../sandbox/protocol.ts';
import type { AuthenticatorDefinition } from '../../authenticators/authenticator.ts';
import type { Connection } from '../../connections/connection.ts';
import { issuerOf } from '../../connections/issuer.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/ids.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { StepAnswer } from '../../login/answers.ts';
import { type Facts, personRef, subjectAfter } from '../../login/facts.ts';
import {
  type AuthenticatorNames,
  addParameters,
  filterOptions,
  isSet,
  parametersFor,
  passwordName,
  readStepCall,
  type StepOption,
  skipsPrompt,
} from '../../login/options.ts';
import { typedBy } from '../dry-form.ts';
import { findConnection, lackOf } from '../find-connection.ts';
import type { Alternative } from './choices.ts';
import { accountId, hadAccountKey, type Provisioned, type ProvisionedNote } from './provisioning-answers.ts';
import { addProvisioning, findNewcomer, type ProvisioningView } from './provisioning-ways.ts';
import { lacksAccount, subjects } from './strangers.ts';
import { keyOf, usualName, usualTime, type Values } from './values.ts';

const sessionId = 'session_explored' as SessionId;

/** How a path's step went; `account` says what its person has here. */
export interface StepTold {
  step: number;
  outcome: 'success' | 'fail' | 'abort' | 'fallback';
  idp: string | null;
  authenticator: string | null;
  proves: boolean;
  amr: readonly string[];
  needsAccount: boolean;
  account: 'local' | 'federated' | 'none' | null;
  /** Can the step be passed with an account alone, by somebody who has none? */
  lacksAccount: boolean;
  /** What would sign this person in, after filters. */
  offered: readonly (StepOption & { needsAccount: boolean })[];
}

export interface StepBasics extends Alternative {
  told: StepTold;
  /** What it says of provisioning, in this order. */
  provisioned: readonly Provisioned[];
  /** Nobody was asked: no other way can have been chosen before. */
  bySession?: true;
}

export interface StepAlternative extends StepBasics {
  /** What provisioning did before the step's outcome; null when nothing needed it. */
  note: ProvisionedNote | null;
  /** Could provisioning have done something in this step? What, if it went well. */
  mayProvide: ProvisionedNote | null;
}

/**
 * All ways in which a step can end, by the rules of a live login: for each option that this person can pass, success; and
 * besides that, failure and cancelling. Rather one too many than one too few.
 * @throws ScriptCallError when the call's filter matches nothing
 */
export function listStepAnswers(
  question: Pick<Question, 'args' | 'handlers' | 'seq'>,
  facts: Facts,
  { authenticators, connections }: { authenticators: AuthenticatorNames; connections: readonly Connection[] },
  view: ProvisioningView,
): StepAlternative[] {
  const newcomer = findNewcomer(facts, connections);
  const outcomes = listOutcomes(question, facts, { authenticators, connections, seesProvisioning: view.sees });
  return addProvisioning(outcomes, question, newcomer, view);
}

function listOutcomes(
  question: Pick<Question, 'args' | 'handlers' | 'seq'>,
  facts: Facts,
  {
    authenticators,
    connections,
    seesProvisioning,
  }: { authenticators: AuthenticatorNames; connections: readonly Connection[]; seesProvisioning: boolean },
): StepBasics[] {
  const { step, given } = readStepCall(question.args);
  const options = filterOptions(step, facts.start.steps[step - 1]!.options, given);
  const { subject, claimed } = facts;
  const isStranger = subject !== null && lacksAccount(subject.ref, facts);
  const skips = facts.skipsProvisioning || isSet(given, 'provisionUser', 'false');
  const many = options.length > 1;
  // A step that the session has satisfied goes as any other for the script, but for what provisioning says of it.
  const sessionMayKnow = !isSet(given, 'forceAuth') && !facts.ran.has(step);
  const mayReuse = seesProvisioning && sessionMayKnow;
  const silent = skipsPrompt(question.args);

  const definitionOf = ({ idp, authenticator }: StepOption) =>
    idp === localIdp ? authenticators.find(authenticator) : authenticators.federated;
  const offered = options.map((option) => ({
    ...option,
    needsAccount: definitionOf(option)?.needsAccount ?? false,
  }));
  const base = { step, offered, lacksAccount: isStranger && offered.some(({ needsAccount }) => needsAccount) };

  const miss = (
    outcome: 'fail' | 'abort' | 'fallback',
    code: ErrorCode,
    label: string,
    more: Partial<StepTold> = {},
  ): StepBasics => ({
    label,
    provisioned: [],
    told: {
      ...base,
      ...more,
      outcome,
      idp: null,
      authenticator: null,
      proves: false,
      amr: [],
      needsAccount: false,
      account: null,
    },
    answer: (values): StepAnswer => ({
      at: Number(values.get('clock') ?? usualTime),
      step,
      outcome,
      idp: null,
      authenticator: null,
      user: subject?.ref ?? claimed?.ref ?? (values.get('failed user') ? accountId : null),
      ...(outcome === 'fail' && options[0] ? typedBy(nameIn(values), options[0], question.seq) : {}),
      failure: { code, params: {}, detail: null },
    }),
  });
  if (isStranger && offered.every(({ needsAccount }) => needsAccount)) {
    const { idp } = facts.passed.find(({ user }) => user === subject.ref)!;
    return [miss('fail', lackOf(findConnection(connections, idp)), 'fail: there is no account')];
  }
  return [
    ...options.filter((option) => !silent || passesSilently(option)).flatMap((option) => listPassed(option)),
    miss('fail', silent ? 'PROMPT_SKIPPED' : 'INVALID_CREDENTIALS', 'fail'),
    ...(silent ? [] : [miss('abort', 'CANCELLED', 'cancel')]),
    ...(mayHaveNone(facts) && offered.some(({ needsAccount }) => needsAccount)
      ? [miss('fail', 'ACCOUNT_NOT_MADE', 'fail: there is no account', { lacksAccount: true })]
      : []),
    ...(question.handlers.includes('onFallback') ? [miss('fallback', 'ACCESS_DENIED', 'fallback')] : []),
  ];

  /** Without a page nothing passes but what the session knows, what needs nobody, and a password that was typed before. */
  function passesSilently(option: StepOption): boolean {
    if (sessionMayKnow || (!many && definitionOf(option)?.passesAlone)) return true;
    const { password } = parametersFor(addParameters(facts.parameters, given), option, authenticators);
    return option.authenticator === passwordName && Boolean(facts.typed || password);
  }

  function listPassed(option: StepOption): StepBasics[] {
    const definition = definitionOf(option);
    if (!definition || definition.unavailable) return [];
    if (option.idp === localIdp) {
      const mayProveLink = facts.start.links && definition.proves && !definition.needsAccount;
      if (isStranger && (definition.needsAccount || definition.proves) && !mayProveLink) return [];
      if (definition.needsAccount && !subject && !(claimed && definition.provesClaim)) return [];
      const ref = subject && definition.needsAccount ? subject.ref : accountId;
      return [pass(option, definition, { ref, account: 'local', label: many ? definition.label : 'success' })];
    }
    const connection = findConnection(connections, option.idp);
    if (!connection.enabled) return [];
    const { enabled, linking } = connection.jit;
    const mayLack = !enabled || skips || (linking.enabled && linking.skipJitOnNoMatch);
    // Who has proven to be somebody with an account here can only come back as the same person.
    // Unless the script links them: then somebody who has none yet may come as well.
    const later = isStranger ? ['none'] : facts.start.links && mayLack ? ['account', 'none'] : ['account'];
    const kinds = subject ? later : mayLack ? ['account', 'none'] : ['account'];
    return (kinds as ('account' | 'none')[]).flatMap((kind) => {
      const name = kind === 'none' ? `${option.idp}, without an account` : option.idp;
      const person = {
        federated: { connectionId: connection.id, issuer: issuerOf(connection), subject: subjects[kind], claims: {} },
      };
      const account = kind === 'none' ? 'none' : 'federated';
      const ref = personRef(person, option.idp);
      if (isStranger && ref !== subject.ref) return [];
      const label = mayLack && kind === 'account' && !subject ? `${option.idp}, with an account` : name;
      const who = { ref, account, label: many ? label : 'success' } as const;
      const fresh = pass(option, definition, who);
      if (kind === 'none' || !mayReuse) return fresh;
      return [fresh, pass(option, definition, { ...who, label: `${who.label}, by the session` }, { reused: true })];
    });
  }

  function pass(
    { idp, authenticator }: StepOption,
    definition: AuthenticatorDefinition,
    who: { ref: string; account: 'local' | 'federated' | 'none'; label: string },
    { reused = false }: { reused?: boolean } = {},
  ): StepBasics {
    const { proves, needsAccount, identifies } = definition;
    const connection = idp === localIdp ? null : findConnection(connections, idp);
    const federated = connection && {
      connectionId: connection.id,
      issuer: issuerOf(connection),
      subject: who.account === 'none' ? subjects.none : subjects.account,
      claims: {},
    };
    const result = connection && (reused ? 'known' : firstResult(connection, who.account, skips));
    const hasAccount = (values: Values) =>
      who.account !== 'none' &&
      (result !== 'pending' || facts.accounts.has(who.ref) || values.get(hadAccountKey(who.ref)) === true);
    return {
      label: who.label,
      ...(reused ? { bySession: true as const } : {}),
      provisioned: result
        ? [
            {
              step,
              key: keyOf('provisioned', question.seq, 'step'),
              list: () => [{ label: result, value: { result } }],
              open: null,
              ...(result === 'pending' && who.account === 'federated' ? { newcomer: who.ref } : {}),
            },
          ]
        : [],
      told: {
        ...base,
        outcome: 'success',
        idp,
        authenticator,
        proves,
        amr: definition.amr,
        needsAccount,
        account: who.account,
      },
      answer: (values): StepAnswer => ({
        at: Number(values.get('clock') ?? usualTime),
        step,
        outcome: 'success',
        proves,
        idp,
        authenticator,
        user: who.ref,
        subject: subjectAfter(facts, given, who.ref),
        amr: [...definition.amr],
        ...typedBy(nameIn(values), { idp, authenticator }, question.seq),
        person: federated
          ? { federated }
          : identifies && !subject
            ? { claimed: { identifier: 'somebody', userId: accountId } }
            : { userId: accountId },
        ...(isStranger && !federated ? { provesLink: true as const } : {}),
        ...(result ? { provisioning: { result, userId: hasAccount(values) ? accountId : null } } : {}),
        ...(reused ? { reused: { session: sessionId, at: Number(values.get('clock') ?? usualTime) } } : {}),
      }),
    };
  }
}

/** Whoever is at the pages types one name. */
function nameIn(values: Values): string {
  return String(values.get('typed name') ?? usualName);
}

/** What is told with the step: whether there is an account is settled only when one is needed. */
function firstResult({ jit }: Connection, account: 'local' | 'federated' | 'none', skips: boolean) {
  if (skips) return 'skipped';
  if (jit.enabled) return 'pending';
  return account === 'none' ? 'disabled' : 'known';
}

/** Was the login's person to be given an account, until the script let it be? Whoever had one before has it. */
function mayHaveNone({ subject, passed, accounts, proving, skipsProvisioning }: Facts): boolean {
  if (!subject || !skipsProvisioning || proving || accounts.has(subject.ref)) return false;
  // A password passed since then was of the same person's account.
  if (passed.some(({ person }) => 'userId' in person)) return false;
  return passed.some(({ user, provisioning }) => user === subject.ref && provisioning?.result === 'pending');
}

import { connectionKey } from '../connections/connection.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { FlowOption, FlowStep } from '../login/flow.ts';
import type { Knowledge, KnownAuthenticator } from './knowledge.ts';

/** An option of a step, with what the server knows of it. */
export interface OfferedOption {
  /** `LOCAL`, or the connection's name. */
  idp: string;
  /** The name that scripts see; null for a connection that is not known. */
  authenticator: string | null;
  /** As admins read it: the authenticator's label, or the connection's name. */
  label: string;
  /** Does passing it need a local account? */
  needsAccount: boolean;
  /** Why it can sign people in without an account; null: it cannot. */
  accountless: 'never' | 'if-linked' | 'skipped' | null;
}

/** What the steps of a flow offer, step by step. */
export function listOffered(steps: readonly FlowStep[], knowledge: Knowledge): OfferedOption[][] {
  return steps.map(({ options }) => options.map((option) => describeOption(option, knowledge)));
}

function describeOption(option: FlowOption, knowledge: Knowledge): OfferedOption {
  if ('authenticator' in option) {
    const known = findAuthenticator(option.authenticator, knowledge);
    return {
      idp: localIdp,
      authenticator: known?.name ?? option.authenticator,
      label: known?.label ?? option.authenticator,
      needsAccount: known?.needsAccount ?? false,
      accountless: null,
    };
  }
  const connection = findConnection(option.idp, knowledge);
  return {
    idp: connection?.name ?? option.idp,
    authenticator: connection?.authenticator ?? null,
    label: connection?.name ?? option.idp,
    needsAccount: false,
    accountless: !connection || connection.accounts === 'always' ? null : connection.accounts,
  };
}

/** By name or alias, whether the server has it or not. */
export function findAuthenticator(name: string, knowledge: Knowledge): KnownAuthenticator | null {
  const has = (each: KnownAuthenticator) => each.name === name || each.aliases.includes(name);
  return knowledge.authenticators.find(has) ?? knowledge.unavailableAuthenticators.find(has) ?? null;
}

/** By name, a space and an underscore being the same; null also when connections are not known. */
export function findConnection(name: string, { connections }: Knowledge) {
  return connections?.find((each) => connectionKey(each.name) === connectionKey(name)) ?? null;
}

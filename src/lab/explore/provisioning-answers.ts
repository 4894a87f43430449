import type { Entry } from '../../../sandbox/protocol.ts';
import type { Connection, JitSettings } from '../../connections/connection.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { UserId } from '../../kernel/ids.ts';
import { type ProvisioningNote, provisioningOp } from '../../login/answers.ts';
import type { ProvisioningResult } from '../../provisioning/provision.ts';
import { keyOf, type Values } from './values.ts';

/*
 * What Just-in-Time provisioning can come to, by the settings of the connection. A script sees it in `steps[n].provisioning`:
 * first with the step, then from the moment at which somebody's account was needed. Which of the results it is, is chosen
 * when the script looks.
 */

/** Whoever has an account is one and the same person. */
export const accountId = 'user_explored' as UserId;

/** One way in which provisioning can have gone. */
export interface Told {
  label: string;
  value: Pick<ProvisioningResult, 'result'> & { code?: ErrorCode };
}

/** Something that an answer says of provisioning. */
export interface Provisioned {
  /** Of whose person. */
  step: number;
  key: string;
  list(values: Values): readonly Told[];
  /** Why the list may not be all; null where it is. */
  open: string | null;
  /** Of whom it is not settled whether they have an account. */
  newcomer?: string;
}

/** What stands in the journal of provisioning. */
export interface ProvisionedNote extends Provisioned {
  /** Is it not otherwise when it is tried again? */
  isFinal: boolean;
  ref: string;
  went: 'well' | 'refused';
  write(values: Values): Entry;
  codeOf(values: Values): ErrorCode | null;
  /** Which of them it is on this path. */
  chosen(values: Values): Told['value'];
}

export interface Newcomer {
  ref: string;
  step: number;
  connection: Pick<Connection, 'jit'>;
  /** No rule links them, and the connection makes no account then. */
  staysWithout: boolean;
}

/** Did this person have an account when they came? Chosen when the script looks for it. */
export const hadAccountKey = (ref: string) => keyOf('had account', ref);

/** When the account is needed, it is there or made; or not, and why. */
export function noteProvisioning(
  { ref, step, connection, staysWithout }: Newcomer,
  went: 'well' | 'refused',
  seq: number,
): ProvisionedNote {
  const key = keyOf('provisioned', seq);
  const list = (values: Values): readonly Told[] => {
    const had = values.get(hadAccountKey(ref)) as boolean | undefined;
    if (staysWithout) return [{ label: 'skipped', value: { result: 'skipped' } }];
    return went === 'well' ? listGood(connection.jit, had) : listRefusals(connection.jit, had);
  };
  const chosen = (values: Values) => (values.get(key) as Told['value'] | undefined) ?? list(values)[0]!.value;
  return {
    ref,
    step,
    key,
    went,
    list,
    open:
      went === 'refused' && connection.jit.linking.enabled && connection.jit.linking.proof.startsWith('CONFIRM')
        ? 'the proof of an account may fail in other ways'
        : null,
    isFinal: !mayAsk(connection.jit),
    chosen,
    codeOf: (values) => chosen(values).code ?? null,
    write(values) {
      const { result, code } = chosen(values);
      const userId = code || staysWithout ? null : accountId;
      const problem = code ? { problem: { code, detail: '' } } : {};
      const note: ProvisioningNote = { step, provisioning: { result, userId, changes: [], ...problem } };
      return { op: provisioningOp, args: JSON.stringify([step]), answer: JSON.stringify(note), note: true };
    },
  };
}

function listGood({ enabled, attributeSync, linking }: JitSettings, had: boolean | undefined): Told[] {
  const known = enabled ? (['updated', 'unchanged'] as const) : (['known'] as const);
  const ofKnown = attributeSync === 'NONE' ? known.filter((result) => result !== 'updated') : known;
  const ofNew = [
    ...(linking.enabled && linking.skipJitOnNoMatch ? [] : (['created'] as const)),
    ...(linking.enabled ? (['linked'] as const) : []),
  ];
  const results = [...(had === true || !enabled ? [] : ofNew), ...(had === false ? [] : ofKnown)];
  return results.map((result) => ({ label: result, value: { result } }));
}

/** What may be so of somebody new stands first: it is taken as long as the script has not looked. */
function listRefusals(jit: JitSettings, had: boolean | undefined): Told[] {
  const refused = (code: ErrorCode): Told => ({ label: `refused: ${code}`, value: { result: 'refused', code } });
  const isNew = jit.enabled && had !== true;
  const links = isNew && jit.linking.enabled;
  return [
    ...(isNew && mayConflict(jit)
      ? [{ label: 'failed: USERNAME_TAKEN', value: { result: 'failed', code: 'USERNAME_TAKEN' } } as const]
      : []),
    ...(links ? [refused('LINK_REFUSED')] : []),
    ...(isNew && mayAsk(jit) ? [refused('TOO_MANY_ATTEMPTS')] : []),
    refused('CONNECTION_DISABLED'),
    ...(links || had !== false ? [refused('ACCOUNT_LOCKED'), refused('ACCOUNT_DISABLED')] : []),
  ];
}

function mayConflict({ onConflict, linking }: JitSettings): boolean {
  return onConflict === 'FAIL' && !(linking.enabled && linking.skipJitOnNoMatch);
}

/** Is the person asked something, and may answer otherwise the second time? */
function mayAsk({ scheme, onConflict, requiredAttributes, linking }: JitSettings): boolean {
  const proves = linking.enabled && linking.proof.startsWith('CONFIRM');
  const fills = scheme !== 'PROVISION_SILENTLY' || onConflict === 'PROMPT_USERNAME' || requiredAttributes.length > 0;
  return proves || fills;
}

/** May somebody be refused an account, other than by what an admin does during the sign-in? */
export function mayRefuse({ jit }: Pick<Connection, 'jit'>): boolean {
  return jit.enabled && (mayConflict(jit) || jit.linking.enabled || mayAsk(jit));
}

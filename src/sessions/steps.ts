import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { SessionId } from '../kernel/ids.ts';
import type { RememberedStep, SsoSession } from './session.ts';

const place = (id: SessionId) => `sessions/${id}/steps`;

export function sealSteps(box: Pick<CryptoBox, 'seal'>, id: SessionId, steps: readonly RememberedStep[]): string {
  return box.seal(JSON.stringify(steps), place(id));
}

export function openSteps(box: Pick<CryptoBox, 'open'>, { id, stepsSealed }: SsoSession): RememberedStep[] {
  return JSON.parse(box.open(stepsSealed, place(id))) as RememberedStep[];
}

/** What is remembered after another sign-in: of two ways through the same option, the newer one. */
export function mergeSteps(before: readonly RememberedStep[], fresh: readonly RememberedStep[]): RememberedStep[] {
  const newer = fresh.filter((step, i) => !fresh.slice(i + 1).some((later) => isSameOption(later, step)));
  return [...before.filter((step) => !newer.some((each) => isSameOption(each, step))), ...newer];
}

function isSameOption(one: RememberedStep, other: RememberedStep): boolean {
  return (
    one.authenticator === other.authenticator && one.idp === other.idp && connectionOf(one) === connectionOf(other)
  );
}

/** The connection it was passed through, by its id: a name may belong to another one by now. */
function connectionOf({ person }: RememberedStep): string | null {
  return 'federated' in person ? person.federated.connectionId : null;
}

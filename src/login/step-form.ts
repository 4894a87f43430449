import type { Form } from '../authenticators/authenticator.ts';
import { connectionKey } from '../connections/connection.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { identifierName, passwordName, type StepOption } from './options.ts';
import { currentOption } from './visit.ts';
import type { StepWaiting } from './waiting.ts';

/**
 * The authenticator whose form stands on one page with the connections: the password, the identifier, or the password's
 * page without its form where there are connections alone. Null where the ways have to be chosen from first.
 */
export function findForm(options: readonly StepOption[]): string | null {
  const local = new Set(options.filter(({ idp }) => idp === localIdp).map(({ authenticator }) => authenticator));
  const [name = passwordName, ...others] = local;
  return others.length === 0 && (name === passwordName || name === identifierName) ? name : null;
}

/**
 * The option that a form without further words answers: the current one, and while the options are shown the one whose
 * fields stand beside them.
 */
export function answeredOption(waiting: StepWaiting): number | null {
  const current = waiting.away ? null : currentOption(waiting);
  if (current !== null) return current;
  const beside = waiting.options.findIndex(
    ({ authenticator }) => authenticator === passwordName || authenticator === identifierName,
  );
  return beside < 0 ? null : beside;
}

/** Which option a form answers: the one it names, the one whose form it is, or the current one. */
export function findOption({ options, chosen }: StepWaiting, form: Form): number | null {
  const named = form['option'];
  if (named !== undefined) {
    const index = options.findIndex(({ idp, authenticator }) =>
      idp === localIdp ? authenticator === named : connectionKey(idp) === connectionKey(named),
    );
    return index < 0 ? null : index;
  }
  const beside = form['password'] !== undefined ? passwordName : form['username'] !== undefined ? identifierName : null;
  const index = options.findIndex(({ idp, authenticator }) => idp === localIdp && authenticator === beside);
  return index < 0 ? chosen : index;
}

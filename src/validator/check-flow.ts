import type { FlowStep } from '../login/flow.ts';
import { checkAuthenticatorName, checkConnectionName } from './check-names.ts';
import type { Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';

/** The options of each step: do they exist? */
export function checkFlow(steps: readonly FlowStep[], knowledge: Knowledge): Finding[] {
  return steps.flatMap(({ options }, step) =>
    options.flatMap((option, i) => {
      const place = { path: `/steps/${step}/options/${i}` };
      return 'authenticator' in option
        ? checkAuthenticatorName(option.authenticator, knowledge, place)
        : checkConnectionName(option.idp, knowledge, place);
    }),
  );
}

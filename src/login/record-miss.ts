import type { StepProblem } from '../authenticators/authenticator.ts';
import { errors } from '../kernel/errors.ts';
import { newId, newReference } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import type { StepVisit } from './visit.ts';

/**
 * Tells the admin that a connection did not vouch for somebody while the sign-in goes on: the person may well give up, and
 * then nothing else would tell. @returns the problem with the reference that the event is found by.
 */
export async function recordMiss(
  { clock, log }: LoginDeps,
  { audit }: Pick<Stores, 'audit'>,
  { login, application, waiting }: StepVisit,
  problem: StepProblem,
  connection: string,
): Promise<StepProblem> {
  const { code, detail } = problem;
  const reference = newReference();
  await audit.append({
    id: newId('event'),
    at: clock.now(),
    type: 'login.step-missed',
    actor: 'system',
    target: login.userId,
    loginId: login.id,
    reference,
    code,
    details: { application: application.name, connection, step: waiting.step, cause: errors[code].admin, detail },
  });
  log.warn({ loginId: login.id, reference, code, connection, detail }, errors[code].admin);
  return { ...problem, reference };
}

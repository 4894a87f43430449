import type { Application } from '../applications/application.ts';
import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { type Clock, second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { OwedLogout, WriteLogoutToken } from '../sessions/owed-logout.ts';
import type { Stores } from '../stores.ts';
import { type Attempt, createOwedDelivery, type OwedDelivery } from './deliver-owed.ts';
import { logoutFailed, logoutTold } from './events.ts';

const deadline = 5 * second;
/** Nothing of the answer is read but its status. */
const maxBytes = 64 * 1024;

/** Tells applications of sessions that are over, however they ended (OpenID Connect Back-Channel Logout 1.0, section 2.5). */
export function createOwedLogouts({
  database,
  clock,
  fetch,
  writeLogoutToken,
  log,
}: {
  database: Database<Pick<Stores, 'applications' | 'audit' | 'owedLogouts'>>;
  clock: Clock;
  fetch: GuardedFetch['fetch'];
  writeLogoutToken: WriteLogoutToken;
  log: { warn(details: object, message: string): void };
}): OwedDelivery {
  async function send(owed: OwedLogout, attempt: Attempt): Promise<void> {
    const application = await database.read.applications.findById(owed.applicationId);
    if (!application?.backchannelLogoutUri) return database.unit(({ owedLogouts }) => owedLogouts.delete(owed));
    try {
      await post(application.backchannelLogoutUri, owed, application);
      await database.unit(async ({ audit, owedLogouts }) => {
        await owedLogouts.delete(owed);
        await audit.append(logoutTold(application, clock.now()));
      });
    } catch (error) {
      if (!(error instanceof AppError)) log.warn({ err: error }, 'A logout owed to an application met a fault.');
      await recordFailure(owed, application, error instanceof AppError ? error : new AppError('INTERNAL'), attempt);
    }
  }

  async function post(uri: string, { subject, browserUid }: OwedLogout, application: Application): Promise<void> {
    const { clientId, backchannelLogoutSessionRequired: namesSession } = application;
    const logout_token = await writeLogoutToken({ clientId, subject, browserUid, namesSession });
    const { status } = await fetch(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token }).toString(),
      deadline,
      maxBytes,
    });
    if (status !== 200 && status !== 204) {
      throw new AppError('EGRESS_FAILED', { detail: `The application answered HTTP ${status}.` });
    }
  }

  /** The first failure is an event, and the last. */
  async function recordFailure(
    owed: OwedLogout,
    application: Application,
    error: AppError,
    { number: attempts, isLast }: Attempt,
  ): Promise<void> {
    if (attempts > 1 && !isLast) return;
    await database.unit(async ({ audit, owedLogouts }) => {
      if (isLast) await owedLogouts.delete(owed);
      await audit.append(logoutFailed(application, error, clock.now(), { attempts, triesAgain: !isLast }));
    });
  }

  return createOwedDelivery({
    clock,
    log,
    kind: {
      recipientOf: ({ applicationId }: OwedLogout) => applicationId,
      listDue: (of) => database.read.owedLogouts.listDue(of),
      claim: (owed, next) => database.unit(({ owedLogouts }) => owedLogouts.claim(owed, next)),
      send,
    },
  });
}

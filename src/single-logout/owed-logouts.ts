import type { Application } from '../applications/application.ts';
import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { type Clock, second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { OwedLogout, WriteLogoutToken } from '../sessions/owed-logout.ts';
import type { Stores } from '../stores.ts';
import { createOwedDelivery, type OwedDelivery } from './deliver-owed.ts';
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

  return createOwedDelivery({
    database,
    clock,
    log,
    kind: {
      recipientOf: ({ applicationId }: OwedLogout) => applicationId,
      listDue: ({ owedLogouts }, of) => owedLogouts.listDue(of),
      claim: ({ owedLogouts }, owed, next) => owedLogouts.claim(owed, next),
      delete: ({ owedLogouts }, owed) => owedLogouts.delete(owed),
      async prepare({ applications }, owed) {
        const application = await applications.findById(owed.applicationId);
        const uri = application?.backchannelLogoutUri;
        if (!application || !uri) return null;
        return {
          async send() {
            await post(uri, owed, application);
            return logoutTold(application, clock.now());
          },
          describeFailure: (error, of) => logoutFailed(application, error, clock.now(), of),
        };
      },
    },
  });
}

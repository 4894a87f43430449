import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Move, Settle, StepContext } from '../../src/authenticators/authenticator.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import { createThrottling } from '../../src/directory/throttling.ts';
import type { User } from '../../src/directory/user.ts';
import { mailClaim } from '../../src/directory/verified-address.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createMailSender } from '../../src/mail/sender.ts';
import { openDatabase } from '../../src/storage/open.ts';
import { aUser } from '../provisioning/people.ts';

export const monday = Date.parse('2026-11-23T10:00:00Z');

/** A clock that stands still until it is turned. */
function createHandClock(start = monday) {
  let time = start;
  return {
    now: () => time,
    turn(milliseconds: number) {
      time += milliseconds;
    },
  };
}

/** A real database with what the authenticators need around it; a test's own. */
export async function openFixture() {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-test-'));
  const clock = createHandClock();
  const database = await openDatabase({ directory, clock });
  onTestFinished(async () => {
    await database.close();
    await rm(directory, { recursive: true });
  });
  const box = createCryptoBox({ keys: new Map([['test', randomBytes(32)]]), macKey: randomBytes(32) });
  const passwords = createPasswords({ concurrency: 1 });
  const throttling = createThrottling({ box });
  // Nothing is sent: what would be is read from the outbox.
  const mail = createMailSender({ database, box, smtpUrl: null, mailFrom: 'x@test', clock, log: { warn() {} } });

  async function addUser({ username = 'ann', password, ...rest }: Partial<User> & { password?: string } = {}) {
    const user = aUser({ username, createdAt: clock.now(), updatedAt: clock.now(), ...rest });
    const hash = password === undefined ? null : await passwords.hash(password);
    await database.unit(async ({ users }) => {
      await users.insert(user);
      if (hash !== null) await users.setPasswordHash(user.id, hash);
    });
    return user;
  }

  return {
    directory,
    clock,
    database,
    box,
    passwords,
    throttling,
    mail,
    addUser,
    /** Changes a stored account. */
    async changeUser(user: User, change: Partial<User>) {
      const current = await database.read.users.findById(user.id);
      if (!current) throw new Error('no such user');
      const changed = { ...current, ...change };
      if (!(await database.unit(({ users }) => users.update(changed)))) throw new Error('not updated');
      return changed;
    },
    settle: (settle: Settle): Promise<Move> => database.unit((stores) => settle(stores)),
    context: (change: Partial<StepContext> & { ip?: string } = {}) => stepContext(clock.now(), change),
    /** The mails in the outbox, oldest first, opened. */
    async readOutbox() {
      const mails = await database.read.outbox.listDue(Number.MAX_SAFE_INTEGER, 1000);
      return mails
        .sort((a, b) => a.createdAt - b.createdAt)
        .map(({ id, contentSealed, expiresAt }) => ({
          id,
          expiresAt,
          ...readMail(box.open(contentSealed, `outbox/${id}`)),
        }));
    },
    async countEvents() {
      const counts: Record<string, number> = {};
      for (const { type } of await database.read.audit.list({ after: null, limit: 1000 })) {
        counts[type] = (counts[type] ?? 0) + 1;
      }
      return counts;
    },
  };
}

/** A mail address that is proven to be the account's. */
export function verifiedAddress(address: string): Pick<User, 'attributes' | 'verified'> {
  return { attributes: [{ uri: mailClaim, value: address, origin: 'admin' }], verified: [mailClaim] };
}

function readMail(content: string) {
  return JSON.parse(content) as { to: string; subject: string; text: string; html: string };
}

function stepContext(
  now: number,
  { ip = '203.0.113.7', ...change }: Partial<StepContext> & { ip?: string },
): StepContext {
  return {
    login: {
      id: newId('login'),
      application: { id: 'app_payroll', name: 'Payroll', clientId: 'payroll', clientType: 'confidential' },
      expiresAt: now + 600_000,
      request: {
        ip,
        headers: {},
        params: {},
        cookies: {},
        acrValues: [],
        essentialAcr: [],
        loginHint: null,
        uiLocales: [],
        maxAge: null,
        prompt: [],
        scopes: ['openid'],
      },
    },
    seq: 3,
    step: 1,
    connection: null,
    user: null,
    subject: null,
    claimed: null,
    parameters: {},
    enrolment: { allowed: false },
    language: 'en',
    now,
    waited: { ms: 0 },
    ...change,
  };
}

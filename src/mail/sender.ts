import { type Clock, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { isMailAddress } from './address.ts';
import { createDelivery } from './deliver.ts';
import { mailEvent } from './events.ts';
import type { Mail } from './mail.ts';
import { createSmtp } from './smtp.ts';

type MailStores = Pick<Stores, 'outbox' | 'audit'>;

export interface MailSender {
  /**
   * Writes a mail in the unit of what caused it. It is sent after that unit is on disk, at least once; sent twice, it has
   * the same Message-ID. Without a mail server it stays in the outbox until it expires, and an audit event tells why.
   */
  putIntoOutbox(stores: MailStores, mail: Mail): Promise<void>;
  /** Begins to send what is and will be in the outbox. One sender per database: two would send each mail twice. */
  start(): void;
  /** Looks into the outbox now. */
  wake(): void;
  /** Waits for the mails under way, at most five seconds. What was not sent is sent after the next start. */
  stop(): Promise<void>;
}

export function createMailSender({
  database,
  box,
  smtpUrl,
  mailFrom,
  clock,
  log,
}: {
  database: Database<MailStores>;
  box: CryptoBox;
  smtpUrl: string | null;
  mailFrom: string;
  clock: Clock;
  log: { warn(details: object, message: string): void };
}): MailSender {
  const smtp = smtpUrl === null ? null : createSmtp({ url: smtpUrl, from: mailFrom });
  const deliver = createDelivery({ database, box, smtp, clock, log, isStopped: () => state === 'stopped' });
  let state: 'idle' | 'waiting' | 'sending' | 'stopped' = 'idle';
  let lookAgain = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  function wake(): void {
    if (state === 'sending') lookAgain = true;
    if (state !== 'waiting') return;
    clearTimeout(timer);
    state = 'sending';
    round = sendAllDue().then(sleep, (error: unknown) => {
      log.warn({ err: error }, 'The outbox could not be read or written; trying again shortly.');
      sleep(minimumNap);
    });
  }

  function sleep(until: number): void {
    if (state === 'stopped') return;
    state = 'waiting';
    if (lookAgain) {
      lookAgain = false;
      wake();
    } else {
      timer = setTimeout(wake, until).unref();
    }
  }

  /** @returns milliseconds until the next mail is due. */
  async function sendAllDue(): Promise<number> {
    for (;;) {
      // In a unit, not on committed state: units run one after the other, so this one sees what the unit that woke us put
      // in, and it resolves when that is on disk.
      const due = await database.unit((stores) => stores.outbox.listDue(clock.now(), smtp ? batch : noServerBatch));
      // All of them come to an end before the outbox is read again: none is sent by two rounds at once.
      const ends = await Promise.allSettled(due.map((mail) => deliver(mail)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      if (!smtp || due.length < batch || state === 'stopped') break;
    }
    if (!smtp) return longestNap;
    const next = await database.read.outbox.findNextDue();
    return next === null ? longestNap : Math.min(longestNap, Math.max(minimumNap, next - clock.now()));
  }

  return {
    async putIntoOutbox(stores, { expiresAt, to, subject, text, html }) {
      if (!isMailAddress(to))
        throw new AppError('INTERNAL', { detail: 'A mail was meant for what is no mail address.' });
      const id = newId('mail');
      const now = clock.now();
      await stores.outbox.insert({
        id,
        contentSealed: box.seal(JSON.stringify({ to, subject, text, html }), `outbox/${id}`),
        createdAt: now,
        expiresAt,
        attempts: 0,
        nextAttemptAt: now,
      });
      if (smtp) wake();
      else
        await stores.audit.append(
          mailEvent('mail.not-configured', now, { mail: id, mend: 'Set SMTP_URL and restart.' }),
        );
    },
    start() {
      if (state !== 'idle') return;
      state = 'waiting';
      wake();
    },
    wake,
    async stop() {
      state = 'stopped';
      clearTimeout(timer);
      const { promise: patience, resolve } = Promise.withResolvers<void>();
      const limit = setTimeout(resolve, stopPatience);
      await Promise.race([round, patience]);
      clearTimeout(limit);
      smtp?.close({ force: true });
      await round;
    },
  };
}

const batch = 20;
/** Without a mail server only expired mails are dealt with, and those may stand behind others. */
const noServerBatch = 1000;
const minimumNap = second;
/** Looks in at least so often: another process may have put something in. */
const longestNap = minute;
const stopPatience = 5 * second;

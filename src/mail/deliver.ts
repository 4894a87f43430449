import { type Clock, hour, minute, second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { mailEvent } from './events.ts';
import type { Mail } from './mail.ts';
import type { OutboxMail } from './outbox.ts';
import type { Delivery, Smtp } from './smtp.ts';

/**
 * Makes the function that deals with one mail that is due: sends it and takes it out of the outbox, puts it off after a
 * passing failure, drops it when it is of no use any more or the mail server refuses it for good.
 */
export function createDelivery({
  database,
  box,
  smtp,
  clock,
  log,
  isStopped,
}: {
  database: Database<Pick<Stores, 'outbox' | 'audit'>>;
  box: CryptoBox;
  /** Null: nothing can be sent, only dropped. */
  smtp: Smtp | null;
  clock: Clock;
  log: { warn(details: object, message: string): void };
  isStopped(): boolean;
}): (mail: OutboxMail) => Promise<void> {
  return async (mail) => {
    if (mail.expiresAt <= clock.now()) return drop(mail, 'expired');
    if (!smtp || isStopped()) return;
    const content = open(mail);
    if (!content) return drop(mail, 'sealed under a key that is not held');
    const delivery = await smtp.send({
      ...content,
      // The same whenever this mail is sent: who gets it twice can tell.
      messageId: `<${mail.id}@${smtp.domain}>`,
      date: new Date(mail.createdAt),
    });
    if (delivery.ok) return database.unit((stores) => stores.outbox.delete(mail.id));
    log.warn({ mail: mail.id, reason: delivery.reason, attempts: mail.attempts + 1 }, 'A mail could not be sent.');
    return delivery.permanent ? drop(mail, delivery.reason) : putOff(mail, delivery);
  };

  function open(mail: OutboxMail): Omit<Mail, 'expiresAt'> | null {
    try {
      return JSON.parse(box.open(mail.contentSealed, `outbox/${mail.id}`)) as Omit<Mail, 'expiresAt'>;
    } catch {
      return null;
    }
  }

  function putOff(mail: OutboxMail, { reason }: Delivery & { ok: false }): Promise<void> {
    const pause = pauses[Math.min(mail.attempts, pauses.length - 1)] ?? minute;
    return database.unit(async (stores) => {
      const now = clock.now();
      await stores.outbox.postpone(mail.id, mail.attempts + 1, Math.min(now + pause, mail.expiresAt));
      if (mail.attempts === 0) await stores.audit.append(mailEvent('mail.delayed', now, { mail: mail.id, reason }));
    });
  }

  function drop(mail: OutboxMail, reason: string): Promise<void> {
    return database.unit(async (stores) => {
      await stores.outbox.delete(mail.id);
      const details = { mail: mail.id, reason, attempts: mail.attempts };
      await stores.audit.append(mailEvent('mail.dropped', clock.now(), details));
    });
  }
}

/** Between the tries of one mail; the last one repeats until the mail expires. */
const pauses = [2 * second, 10 * second, minute, 5 * minute, 15 * minute, hour];

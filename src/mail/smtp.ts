import type { Transporter } from 'nodemailer';
import { second } from '../kernel/clock.ts';
import type { Mail } from './mail.ts';

/** What came of handing a mail to the mail server. `reason` names the failure without any address or text of the mail. */
export type Delivery = { ok: true } | { ok: false; permanent: boolean; reason: string };

export interface Smtp {
  send(mail: Omit<Mail, 'expiresAt'> & { messageId: string; date: Date }): Promise<Delivery>;
  /** Ends the connections; those in the middle of a mail first finish it, unless forced. */
  close(how?: { force: boolean }): void;
  /** The domain of the sender's address: the right side of Message-IDs. */
  domain: string;
}

/**
 * @param url `smtp://user:password@host:port`, `smtps://…`; options of nodemailer's transport as query parameters.
 * @param from the sender: `Name <address>`, from the settings.
 */
export function createSmtp({ url, from }: { url: string; from: string }): Smtp {
  let opened: Promise<Transporter> | undefined;

  // Not before the first mail: a start is quicker without.
  async function open(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      url,
      pool: true,
      maxConnections: 4,
      // The outbox tries again by itself, and notes it.
      maxRequeues: 0,
      connectionTimeout: 10 * second,
      greetingTimeout: 10 * second,
      socketTimeout: 30 * second,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  return {
    domain: domainOf(from),
    async send({ to, subject, text, html, messageId, date }) {
      try {
        opened ??= open();
        const transport = await opened;
        await transport.sendMail({
          from,
          // An object is taken as one address; a string would be parsed as a list.
          to: { name: '', address: to },
          subject: oneLine(subject),
          text,
          html,
          messageId,
          date,
          // RFC 3834: no out-of-office answers to this.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { ok: true };
      } catch (error) {
        return failureOf(error);
      }
    },
    close(how) {
      opened?.then((transport) => transport.close(how));
    },
  };
}

/** A header's value is one line (RFC 5322, section 2.2): a line break would begin another header. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function domainOf(from: string): string {
  return /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}

/** A refused recipient or message (RFC 5321, section 4.2.1: 5yz) stays refused; anything else may pass. */
function failureOf(error: unknown): Delivery {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const permanent =
    (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500;
  const reason = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
  return { ok: false, permanent, reason: reason || 'unknown failure' };
}

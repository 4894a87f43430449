import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  /** The envelope's recipients. */
  to: string[];
  /** The header as it came, lines unfolded. */
  header: string;
  parsed: ParsedMail;
}

/** What the server answers to the next mails: takes them, or refuses with a status at RCPT TO or after DATA. */
export type Mood = 'takes' | { at: 'recipient' | 'data'; status: number };

/** A real SMTP server on a free port, whose moods the test sets. */
export async function openInbox() {
  const mails: ReceivedMail[] = [];
  const inbox = {
    mails,
    mood: 'takes' as Mood,
    /** How many mails were offered, taken or not. */
    offered: 0,
    url: '',
  };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo(_address, _session, done) {
      const { mood } = inbox;
      inbox.offered += 1;
      done(mood !== 'takes' && mood.at === 'recipient' ? refusal(mood.status) : null);
    },
    onData(stream, session, done) {
      const { mood } = inbox;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        if (mood !== 'takes') return done(refusal(mood.status));
        const raw = Buffer.concat(chunks).toString('utf8');
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          header: raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' '),
          parsed: await simpleParser(raw),
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  inbox.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return inbox;
}

function refusal(status: number): Error {
  return Object.assign(new Error('not now'), { responseCode: status });
}

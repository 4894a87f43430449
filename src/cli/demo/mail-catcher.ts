import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { type Html, html } from '../../pages/html.ts';
import { pageHeaders, renderPage, stylePath } from './page.ts';
import { findFreePort } from './ports.ts';
import { styleSheet } from './style-sheet.ts';

export interface CaughtMail {
  /** 1 for the first mail since the start, then 2, … */
  number: number;
  from: string;
  /** Addresses of the envelope: who would really have got it. */
  to: string[];
  subject: string;
  text: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

export interface MailCatcher {
  /** The page that lists what was caught. */
  url: string;
  /** For a mail program: `smtp://127.0.0.1:9425`. */
  smtpUrl: string;
  /** Newest first. */
  mails(filter?: { to?: string }): CaughtMail[];
  /** The newest mail that fits, now or when it comes; an error after `timeoutMs`. */
  waitFor(fits: (mail: CaughtMail) => boolean, timeoutMs: number): Promise<CaughtMail>;
  close(): Promise<void>;
}

const mostKept = 500;

/** An SMTP server that takes every mail and sends none on, and a page to read them. Kept in memory, the newest 500. */
export async function createMailCatcher(
  options: { host?: string; port?: number; smtpPort?: number } = {},
): Promise<MailCatcher> {
  const { host = '127.0.0.1' } = options;
  const caught: CaughtMail[] = [];
  const arrivals = new EventEmitter();
  let count = 0;

  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: 1_000_000,
    onData(stream, session, done) {
      simpleParser(stream)
        .then((parsed) => {
          count += 1;
          const mail: CaughtMail = {
            number: count,
            from: parsed.from?.text ?? '',
            to: session.envelope.rcptTo.map(({ address }) => address),
            subject: parsed.subject ?? '',
            text: parsed.text ?? '',
            receivedAt: Date.now(),
          };
          caught.unshift(mail);
          caught.length = Math.min(caught.length, mostKept);
          done();
          arrivals.emit('mail', mail);
        })
        .catch(done);
    },
  });
  const smtpPort = await findFreePort({ host, wanted: options.smtpPort ?? 0 });
  await new Promise<void>((resolve, reject) => {
    smtp.once('error', reject);
    smtp.listen(smtpPort, host, resolve);
  });
  // A client that drops its connection is no reason to fall over.
  smtp.removeAllListeners('error').on('error', () => {});

  const findMails = (to?: string) => (to === undefined ? caught : caught.filter((mail) => mail.to.includes(to)));

  const web = Fastify({ forceCloseConnections: true });
  web.get(stylePath, (_request, reply) => reply.type('text/css').send(styleSheet));
  web.get('/', (_request, reply) => reply.headers(pageHeaders()).send(renderList(caught)));
  web.get<{ Params: { number: string } }>('/mails/:number', (request, reply) => {
    const mail = caught.find(({ number }) => String(number) === request.params.number);
    if (mail === undefined) return reply.code(404).headers(pageHeaders()).send(renderNoMail());
    return reply.headers(pageHeaders()).send(renderMail(mail));
  });
  web.get<{ Querystring: { to?: string } }>('/mails.json', (request, reply) =>
    reply.header('cache-control', 'no-store').send({ items: findMails(request.query.to) }),
  );
  await web.listen({ host, port: await findFreePort({ host, wanted: options.port ?? 0 }) });

  return {
    url: `http://${host}:${(web.server.address() as AddressInfo).port}`,
    smtpUrl: `smtp://${host}:${smtpPort}`,
    mails: (filter = {}) => [...findMails(filter.to)],
    waitFor: (fits, timeoutMs) => waitForMail(caught, arrivals, fits, timeoutMs),
    close: async () => {
      await Promise.all([web.close(), new Promise<void>((resolve) => smtp.close(resolve))]);
    },
  };
}

async function waitForMail(
  caught: readonly CaughtMail[],
  arrivals: EventEmitter,
  fits: (mail: CaughtMail) => boolean,
  timeoutMs: number,
): Promise<CaughtMail> {
  const here = caught.find(fits);
  if (here !== undefined) return here;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    while (true) {
      const [mail] = (await once(arrivals, 'mail', { signal })) as [CaughtMail];
      if (fits(mail)) return mail;
    }
  } catch (cause) {
    const seen = caught.map((mail) => `«${mail.subject}» to ${mail.to.join(', ')}`).join('; ') || 'none';
    throw new Error(`No such mail came within ${timeoutMs} ms. Caught so far: ${seen}.`, { cause });
  }
}

function renderList(mails: readonly CaughtMail[]): string {
  const rows = mails.map(
    (mail) => html`<tr>
<td>${new Date(mail.receivedAt).toISOString().slice(11, 19)}</td>
<td>${mail.to.join(', ')}</td>
<td><a dir="auto" href="/mails/${mail.number}">${mail.subject || '(no subject)'}</a></td>
</tr>
`,
  );
  const table = html`<table>
<thead><tr><th scope="col">Time (UTC)</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`;
  return renderMailPage({
    title: 'Mails',
    body: html`<h1>Mails</h1>
<p class="faint">Every mail of the demo ends here; none leaves this machine.</p>
<div class="row"><a class="main other" href="/">Look for new mails</a></div>
${mails.length === 0 ? html`<p>No mail yet.</p>` : table}`,
  });
}

function renderMail(mail: CaughtMail): string {
  return renderMailPage({
    title: mail.subject || '(no subject)',
    body: html`<h1 dir="auto">${mail.subject || '(no subject)'}</h1>
<p class="faint">From ${mail.from} to ${mail.to.join(', ')}, ${new Date(mail.receivedAt).toISOString()}</p>
<pre>${linkAddresses(mail.text)}</pre>
<p><a href="/">All mails</a></p>`,
  });
}

function renderNoMail(): string {
  return renderMailPage({ title: 'No such mail', body: html`<h1>No such mail</h1><p><a href="/">All mails</a></p>` });
}

function renderMailPage(page: { title: string; body: Html }): string {
  return renderPage({ part: 'mails', brand: 'Demo mails', wide: true, ...page });
}

function linkAddresses(text: string): Html[] {
  const pieces = text.split(/(https?:\/\/[^\s<>"]+)/);
  return pieces.map((piece, index) => (index % 2 === 1 ? html`<a href="${piece}">${piece}</a>` : html`${piece}`));
}

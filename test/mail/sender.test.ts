import { describe, expect, onTestFinished, test } from 'vitest';
import { hour, minute, second } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { createMailSender } from '../../src/mail/sender.ts';
import { monday, openFixture } from '../authenticators/fixture.ts';
import { openInbox } from './smtp-inbox.ts';

const mail: Mail = {
  to: 'ann@example.com',
  subject: 'Your code – Grüße',
  text: 'Your code is 12345678.\n',
  html: '<p>Your code is 12345678.</p>',
  expiresAt: monday + 10 * minute,
};

async function openSender({ smtp = true }: { smtp?: boolean } = {}) {
  const fixture = await openFixture();
  const inbox = await openInbox();
  const logged: string[] = [];
  const create = (smtpUrl: string | null = smtp ? inbox.url : null) => {
    const sender = createMailSender({
      ...fixture,
      smtpUrl,
      mailFrom: 'Example Org <no-reply@login.example>',
      log: { warn: (details, message) => logged.push(`${message} ${JSON.stringify(details)}`) },
    });
    onTestFinished(() => sender.stop());
    return sender;
  };
  const sender = create();
  return {
    ...fixture,
    inbox,
    logged,
    sender,
    create,
    put: (change: Partial<Mail> = {}) =>
      fixture.database.unit((stores) => sender.putIntoOutbox(stores, { ...mail, ...change })),
    left: async () => (await fixture.readOutbox()).length,
  };
}

describe('a mail in the outbox', () => {
  test('is sent as soon as its unit is on disk, and then it is gone', async () => {
    const { sender, put, inbox, left } = await openSender();
    sender.start();
    await put();
    await expect.poll(() => inbox.mails.length).toBe(1);
    await expect.poll(left).toBe(0);
    const [received] = inbox.mails;
    expect(received?.to).toEqual(['ann@example.com']);
    expect(received?.parsed).toMatchObject({
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      from: { value: [{ name: 'Example Org', address: 'no-reply@login.example' }] },
      date: new Date(monday),
    });
    expect(received?.header).toMatch(/^Auto-Submitted: auto-generated$/m);
  });

  test('of a unit that failed is never sent', async () => {
    const { sender, database, put, inbox } = await openSender();
    sender.start();
    const unit = database.unit(async (stores) => {
      await sender.putIntoOutbox(stores, { ...mail, subject: 'never' });
      throw new Error('changed my mind');
    });
    await expect(unit).rejects.toThrow('changed my mind');
    await put({ subject: 'after' });
    await expect.poll(() => inbox.mails.length).toBe(1);
    expect(inbox.mails[0]?.parsed.subject).toBe('after');
  });

  test('is sent after a restart, if the process ended before', async () => {
    const { put, create, inbox } = await openSender();
    await put();
    expect(inbox.mails).toHaveLength(0);
    create().start();
    await expect.poll(() => inbox.mails.length).toBe(1);
  });

  test('that is sent twice has the same Message-ID twice', async () => {
    const { sender, put, database, inbox, left } = await openSender();
    await put();
    const [stored] = await database.read.outbox.listDue(monday, 1);
    sender.start();
    await expect.poll(left).toBe(0);
    // As if the process had ended between sending and noting it.
    await database.unit(({ outbox }) => (stored ? outbox.insert(stored) : Promise.reject(new Error('nothing stored'))));
    sender.wake();
    await expect.poll(() => inbox.mails.length).toBe(2);
    const ids = inbox.mails.map(({ parsed }) => parsed.messageId);
    expect(ids).toEqual([`<${stored?.id}@login.example>`, `<${stored?.id}@login.example>`]);
  });

  test('is one of many: all are sent, each once', async () => {
    const { sender, put, inbox, left } = await openSender();
    sender.start();
    await Promise.all(Array.from({ length: 70 }, (_, number) => put({ subject: `number ${number}` })));
    await expect.poll(left).toBe(0);
    expect(new Set(inbox.mails.map(({ parsed }) => parsed.subject)).size).toBe(70);
    expect(inbox.mails).toHaveLength(70);
  });

  test('stands there encrypted, bound to its row', async () => {
    const { put, database, box } = await openSender();
    await put();
    const [stored] = await database.read.outbox.listDue(monday, 1);
    expect(JSON.stringify(stored)).not.toMatch(/12345678|ann@/);
    expect(() => box.open(stored?.contentSealed ?? '', `outbox/${newId('mail')}`)).toThrow();
  });
});

describe('a mail server', () => {
  test.each(['recipient', 'data'] as const)(
    'that refuses for now (%s) gets the mail again, later and later',
    async (at) => {
      const { sender, put, inbox, clock, database, countEvents, logged } = await openSender();
      inbox.mood = { at, status: 451 };
      sender.start();
      await put({ expiresAt: monday + hour });
      const pauses: number[] = [];
      for (let attempt = 1; attempt <= 4; attempt++) {
        await expect
          .poll(async () => (await database.read.outbox.listDue(monday + hour, 1))[0]?.attempts)
          .toBe(attempt);
        const next = (await database.read.outbox.findNextDue()) ?? 0;
        pauses.push(next - clock.now());
        clock.turn(next - clock.now());
        if (attempt === 4) inbox.mood = 'takes';
        sender.wake();
      }
      expect(pauses).toEqual([2 * second, 10 * second, minute, 5 * minute]);
      await expect.poll(() => inbox.mails.length).toBe(1);
      expect(inbox.offered).toBe(5);
      expect(await countEvents()).toEqual({ 'mail.delayed': 1 });
      expect(logged).toHaveLength(4);
      expect(logged.join()).not.toMatch(/ann@|12345678/);
    },
  );

  test.each(['recipient', 'data'] as const)(
    'that refuses for good (%s) does not get it again, and an event tells',
    async (at) => {
      const { sender, put, inbox, left, database } = await openSender();
      inbox.mood = { at, status: 550 };
      sender.start();
      await put();
      await expect.poll(left).toBe(0);
      const [event] = await database.read.audit.list({ after: null, limit: 1 });
      expect(event).toMatchObject({ type: 'mail.dropped', details: { reason: expect.stringContaining('550') } });
      expect(JSON.stringify(event)).not.toMatch(/ann@|12345678/);
    },
  );

  test('that cannot be reached gets the mail when it is there', async () => {
    const { put, create, inbox, clock, database, left } = await openSender();
    await put();
    const lost = create('smtp://127.0.0.1:1');
    lost.start();
    await expect.poll(async () => (await database.read.outbox.listDue(monday + hour, 1))[0]?.attempts).toBe(1);
    await lost.stop();
    clock.turn(2 * second);
    create().start();
    await expect.poll(left).toBe(0);
    expect(inbox.mails).toHaveLength(1);
  });

  test('that comes too late gets no old codes', async () => {
    const { sender, put, inbox, clock, left, countEvents } = await openSender();
    await put();
    clock.turn(10 * minute);
    sender.start();
    await expect.poll(left).toBe(0);
    expect(inbox.offered).toBe(0);
    expect(await countEvents()).toEqual({ 'mail.dropped': 1 });
  });
});

describe('without a mail server', () => {
  test('mails stay, an event tells each time, and a later start with one sends them', async () => {
    const { sender, put, create, inbox, left, countEvents, clock } = await openSender({ smtp: false });
    sender.start();
    await put();
    await put();
    expect(await left()).toBe(2);
    expect(await countEvents()).toEqual({ 'mail.not-configured': 2 });
    await sender.stop();
    clock.turn(minute);
    create(inbox.url).start();
    await expect.poll(left).toBe(0);
    expect(inbox.mails).toHaveLength(2);
  });

  test('those that expired are dropped', async () => {
    const { sender, put, left, clock } = await openSender({ smtp: false });
    await put();
    await put({ expiresAt: monday + hour });
    clock.turn(10 * minute);
    sender.start();
    await expect.poll(left).toBe(1);
  });
});

describe('a header', () => {
  test.each([
    'ann@example.com\r\nBcc: eve@example.com',
    'ann@example.com, eve@example.com',
    'Eve <eve@example.com>',
    'ann@example.com\u0000',
    '"ann\r\n"@example.com',
    'ann@exa\u202emple.com',
    'friends: eve@example.com;',
    'ann',
    '@example.com',
    'ann@',
    `${'a'.repeat(250)}@example.com`,
  ])('cannot be made of the address %j', async (to) => {
    const { put, left } = await openSender();
    await expect(put({ to })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await left()).toBe(0);
  });

  test.each(['ann@example.com', "o'brien+x@sub.example.co.uk", 'анна@пример.рф', 'a.b-c_d@xn--e1afmkfd.example'])(
    'is made of %s',
    async (to) => {
      const { put, left } = await openSender();
      await put({ to });
      expect(await left()).toBe(1);
    },
  );

  test('cannot be made of a subject with line breaks', async () => {
    const { sender, put, inbox } = await openSender();
    sender.start();
    await put({ subject: 'Hello\r\nBcc: eve@example.com\r\n\r\n<p>x</p>\u2028y' });
    await expect.poll(() => inbox.mails.length).toBe(1);
    const [received] = inbox.mails;
    expect(received?.to).toEqual(['ann@example.com']);
    expect(received?.header).not.toMatch(/^Bcc:/im);
    expect(received?.parsed.subject).toBe('Hello Bcc: eve@example.com <p>x</p> y');
  });
});

test('stopping waits for the mail under way', async () => {
  const { sender, put, inbox, left } = await openSender();
  sender.start();
  await put();
  await expect.poll(() => inbox.offered).toBe(1);
  await sender.stop();
  expect(await left()).toBe(0);
  await put();
  expect(await left()).toBe(1);
  expect(inbox.mails).toHaveLength(1);
});

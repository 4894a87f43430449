import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMailCatcher, type MailCatcher } from '../../src/cli/demo/mail-catcher.ts';
import { createPerson } from '../../src/cli/demo/person.ts';

let catcher: MailCatcher;
beforeEach(async () => {
  catcher = await createMailCatcher();
});
afterEach(() => catcher.close());

function sendMail(to: string, subject: string, text: string) {
  const transport = nodemailer.createTransport(catcher.smtpUrl);
  return transport
    .sendMail({ from: 'Stepgate <no-reply@example.com>', to, subject, text })
    .finally(() => transport.close());
}

test('a mail is on the page, in the list for programs, and can be read', async () => {
  await sendMail(
    'ann@example.com',
    'Your code',
    'Your code is 482913.\nHelp: https://login.example.com/help?a=1&b=2 (English)',
  );
  const person = createPerson();
  await person.opens(catcher.url);
  expect(person.page().text).toContain('ann@example.com Your code');
  await person.follows('Your code');
  expect(person.isAt()).toBe('Your code');
  expect(person.page().text).toContain('Your code is 482913.');
  expect(person.page().links[0]?.url).toBe('https://login.example.com/help?a=1&b=2');
  const { body } = await person.reads(`${catcher.url}/mails.json?to=ann@example.com`);
  expect(body).toMatchObject({ items: [{ number: 1, to: ['ann@example.com'], subject: 'Your code' }] });
  expect((await person.reads(`${catcher.url}/mails.json?to=ben@example.com`)).body).toEqual({ items: [] });
});

test('the newest mail comes first', async () => {
  await sendMail('ann@example.com', 'First', '1');
  await sendMail('ben@example.com', 'Second', '2');
  expect(catcher.mails().map(({ subject }) => subject)).toEqual(['Second', 'First']);
  expect(catcher.mails({ to: 'ann@example.com' }).map(({ subject }) => subject)).toEqual(['First']);
});

test('a mail is waited for, and one that is here already is given at once', async () => {
  const coming = catcher.waitFor(({ subject }) => subject === 'Second', 5_000);
  await sendMail('ann@example.com', 'First', '1');
  await sendMail('ann@example.com', 'Second', '2');
  expect((await coming).text.trim()).toBe('2');
  expect((await catcher.waitFor(({ subject }) => subject === 'First', 1)).number).toBe(1);
});

test('waiting ends with what was caught instead', async () => {
  await sendMail('ann@example.com', 'First', '1');
  await expect(catcher.waitFor(({ subject }) => subject === 'Second', 50)).rejects.toThrow(
    'No such mail came within 50 ms. Caught so far: «First» to ann@example.com.',
  );
});

test('what a mail says cannot become markup', async () => {
  await sendMail('ann@example.com', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>');
  const page = await (await fetch(`${catcher.url}/mails/1`)).text();
  expect(page).not.toMatch(/<script|<img/);
  expect(page).toContain('&lt;img src=x');
});

test('a number without a mail is a page that says so', async () => {
  const person = createPerson();
  await person.opens(`${catcher.url}/mails/7`);
  expect(person.page()).toMatchObject({ status: 404, heading: 'No such mail' });
});

import { describe, expect, test } from 'vitest';
import { languages } from '../../src/kernel/languages.ts';
import { writeCodeMail, writeFactorAddedMail, writeResetMail } from '../../src/pages/mails.ts';

const brand = 'Acme';
const person = 'ann@example.com';
const link = 'https://id.example/reset?token=abc&ui_locales=en';
const at = Date.UTC(2031, 4, 17, 9, 5);

describe.each(languages)('in %s', (language) => {
  const base = { language, brand };
  const mails = {
    code: writeCodeMail({ ...base, application: 'Payroll', code: '123456', lifetime: 600 }),
    reset: writeResetMail({ ...base, person, link, lifetime: 1800 }),
    factor: writeFactorAddedMail({ ...base, person, factor: 'totp', at }),
  };

  test.each(Object.entries(mails))('the mail about a %s says the same as text and as HTML', (_name, mail) => {
    const words = (text: string) => text.replace(/[\u2066-\u2069\s]+/g, ' ').trim();
    const seen = mail.html
      .replace(/<head>.*<\/head>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replaceAll('&amp;', '&');
    for (const line of mail.text.split('\n\n'))
      expect(words(seen).replaceAll(' ', '')).toContain(words(line.replace('-- \n', '')).replaceAll(' ', ''));
    expect(mail.html).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
    expect(mail.subject).toMatch(/ – Acme$/);
    expect(mail.text + mail.html + mail.subject).not.toMatch(/\{\w+\}|undefined/);
  });

  test('the code and the link are there to be used', () => {
    expect(mails.code.text).toContain('123456');
    expect(mails.code.subject).not.toContain('123456');
    expect(mails.code.text).toContain('Payroll');
    expect(mails.reset.text).toContain(`\n${link}\n`);
    expect(mails.reset.html).toContain('href="https://id.example/reset?token=abc&amp;ui_locales=en"');
  });
});

test('the mail about a factor says when, in UTC', () => {
  expect(writeFactorAddedMail({ language: 'en', brand, person, factor: 'email-otp', at }).text).toContain(
    '17 May 2031 at 09:05 UTC',
  );
  expect(writeFactorAddedMail({ language: 'de', brand, person, factor: 'totp', at }).text).toContain(
    '17. Mai 2031 um 09:05 UTC',
  );
});

test('names cannot add headers, lines or markup', () => {
  const mail = writeCodeMail({
    language: 'en',
    brand: 'Acme\r\nBcc: all@example.com',
    application: '<img src=x>\n\nCall 555 \u202E',
    code: '123456',
    lifetime: 600,
  });
  expect(mail.subject).toBe('Your sign-in code – Acme Bcc: all@example.com');
  expect(mail.html).not.toContain('<img');
  expect(mail.text).toContain('continue to <img src=x> Call 555:');
});

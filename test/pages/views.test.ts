import { describe, expect, test } from 'vitest';
import { languages } from '../../src/kernel/languages.ts';
import { personSentence } from '../../src/pages/errors.ts';
import { maskAddress } from '../../src/pages/mail-addresses.ts';
import { renderChoose } from '../../src/pages/views/choose.ts';
import { renderConsent } from '../../src/pages/views/consent.ts';
import { renderEmailOtp } from '../../src/pages/views/email-otp.ts';
import { renderError } from '../../src/pages/views/error.ts';
import { renderExpired } from '../../src/pages/views/expired.ts';
import { renderLogoutConfirm } from '../../src/pages/views/logout-confirm.ts';
import { renderPassword } from '../../src/pages/views/password.ts';
import { renderReset } from '../../src/pages/views/reset.ts';
import { renderTotpEnrol } from '../../src/pages/views/totp-enrol.ts';
import { renderTotpVerify } from '../../src/pages/views/totp-verify.ts';
import { sampleContext, samples } from './samples.ts';

/** The start tags of an element in a page. */
const tags = (page: unknown, element: string) => String(page).match(new RegExp(`<${element}[ >][^>]*>?`, 'g')) ?? [];
/** The submit buttons of a page, as `name=value`. */
const buttons = (page: unknown) =>
  tags(page, 'button').flatMap((tag) => {
    const [, name, value] = / name="([^"]*)" value="([^"]*)"/.exec(tag) ?? [];
    return name ? [`${name}=${value}`] : [];
  });
const password = { username: null, forgotUrl: '/forgot' };

describe.each(Object.keys(samples))('the page %s', (name) => {
  const page = (language: (typeof languages)[number]) => String(samples[name]?.(language));

  test('is whole, in its language, with one heading and no place left open', () => {
    for (const language of languages) {
      const markup = page(language);
      expect(markup).toMatch(
        new RegExp(`^<!doctype html>\n<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`),
      );
      expect(tags(markup, 'h1')).toHaveLength(1);
      expect(markup).not.toMatch(/\{\w+\}|undefined|\[object|NaN/);
    }
  });

  test('keeps to the Content-Security-Policy: nothing inline', () => {
    expect(page('en')).not.toMatch(
      / style=| on\w+=|<style|<script(?! type="module" src="\/assets\/enhance\.js"><\/script>)/,
    );
  });

  test('posts every form to the page’s action with its token', () => {
    const forms = page('en').match(/<form .*?<\/form>/gs) ?? [];
    for (const form of forms)
      expect(form).toMatch(
        /^<form method="post" action="\/login\/step"[^>]*>\n<input type="hidden" name="csrf" value="token">/,
      );
  });

  test('offers the other languages', () => {
    expect(page('de')).toContain('<a lang="en" dir="ltr" href="?ui_locales=en" hreflang="en">English</a>');
    expect(page('de')).toContain('<a lang="ar" dir="rtl" href="?ui_locales=ar" hreflang="ar">العربية</a>');
    expect(page('de')).toContain('<span lang="de" dir="ltr" aria-current="true">Deutsch</span>');
  });
});

describe('the password page', () => {
  test('has the fields that password managers know', () => {
    const page = renderPassword(sampleContext(), { password, connections: [], otherWay: false });
    const [username = '', secret = ''] = tags(page, 'input').filter((tag) => !tag.includes('hidden'));
    expect(username).toContain('name="username" type="text" autocomplete="username"');
    expect(secret).toContain('name="password" type="password" autocomplete="current-password"');
  });

  test('keeps what was typed after an error, but never the password', () => {
    const page = renderPassword(sampleContext({ values: { username: 'ann', password: 'hunter2' } }), {
      password,
      connections: [],
      otherWay: false,
    });
    expect(String(page)).toContain('value="ann"');
    expect(String(page)).not.toContain('hunter2');
  });

  test('tells errors in the title, on top, and at their fields in the same words', () => {
    const text = personSentence('en', 'PASSWORD_MISSING');
    const page = String(
      renderPassword(sampleContext({ errors: [{ field: 'password', text }] }), {
        password,
        connections: [],
        otherWay: false,
      }),
    );
    expect(page).toContain('<title>Error: Sign in – Acme</title>');
    expect(page).toContain(`<a href="#password">${text}</a>`);
    expect(page).toContain(
      `<p class="error" id="password-error"><span class="visually-hidden">Error: </span>${text}</p>`,
    );
    expect(page).toMatch(/<input id="password"[^>]* aria-describedby="password-error" aria-invalid="true">/);
    expect(page.match(/autofocus/g)).toHaveLength(1);
  });

  test('leads an error about a settled user name to the password', () => {
    const page = renderPassword(sampleContext({ errors: [{ field: 'username', text: 'No.' }] }), {
      password: { username: 'ann', forgotUrl: null },
      connections: [],
      otherWay: false,
    });
    expect(String(page)).toContain('<a href="#password">No.</a>');
    expect(String(page)).toContain('Signing in as <strong><bdi>ann</bdi></strong>');
    expect(buttons(page)).toEqual(['action=restart', 'action=cancel']);
  });

  test('has a form of its own for each connection', () => {
    const page = renderPassword(sampleContext(), {
      password,
      connections: [{ name: 'Google' }, { name: 'A "B" <C>' }],
      otherWay: true,
    });
    expect(buttons(page)).toEqual([
      'option=Google',
      'option=A &quot;B&quot; &lt;C&gt;',
      'action=other',
      'action=cancel',
    ]);
    expect(tags(page, 'form')).toHaveLength(4);
    expect(String(page)).toContain('Continue with <bdi>A &quot;B&quot; &lt;C&gt;</bdi>');
  });

  test('is a choice when there are connections alone', () => {
    const page = renderPassword(sampleContext(), {
      password: null,
      connections: [{ name: 'Google' }],
      otherWay: false,
    });
    expect(String(page)).toContain('<h1>Choose how to sign in</h1>');
    expect(String(page)).not.toMatch(/name="(username|password)"/);
  });
});

describe('the pages of the other steps', () => {
  test('say which application asks and who signs in, and lead out', () => {
    const page = renderTotpVerify(sampleContext({ person: 'ann' }), { otherWay: true });
    expect(String(page)).toContain('to continue to <strong><bdi>Payroll</bdi></strong>');
    expect(String(page)).toContain('Signing in as <strong><bdi>ann</bdi></strong>');
    expect(buttons(page)).toEqual(['action=restart', 'action=other', 'action=cancel']);
  });

  test.each([
    renderTotpVerify(sampleContext(), { otherWay: false }),
    renderTotpEnrol(sampleContext(), { secret: 'ABCDEFGH', uri: 'otpauth://totp/x?secret=ABCDEFGH', otherWay: false }),
    renderEmailOtp(sampleContext(), {
      maskedAddress: 'a•••@b.example',
      lifetime: 600,
      canResend: true,
      sentAgain: false,
      otherWay: false,
      beforeSetUp: false,
    }),
  ])('ask for a code in one field of digits', (page) => {
    const fields = tags(page, 'input').filter((tag) => tag.includes('name="code"'));
    expect(fields).toHaveLength(1);
    expect(fields[0]).toContain('autocomplete="one-time-code" inputmode="numeric"');
    expect(fields[0]).not.toMatch(/maxlength|pattern|onpaste/);
  });

  test('show the key of an authenticator app as picture and as text', () => {
    const page = String(
      renderTotpEnrol(sampleContext(), {
        secret: 'ABCDEFGHIJ',
        uri: 'otpauth://totp/x?secret=ABCDEFGHIJ',
        otherWay: false,
      }),
    );
    expect(page).toMatch(/<img class="qr" src="data:image\/svg\+xml,[^"]+%3C%2Fsvg%3E" alt="QR code [^"]+"/);
    expect(page).toContain('>ABCD EFGH IJ</code>');
    expect(page).toContain('href="otpauth://totp/x?secret=ABCDEFGHIJ"');
  });

  test('make no link of a key that is no otpauth URI', () => {
    expect(
      String(renderTotpEnrol(sampleContext(), { secret: 'A', uri: 'javascript:alert(1)', otherWay: false })),
    ).not.toContain('javascript:');
  });

  test('send a new code only while there are resends left', () => {
    const model = {
      maskedAddress: 'a•••@b.example',
      lifetime: 600,
      sentAgain: true,
      otherWay: false,
      beforeSetUp: false,
    };
    expect(buttons(renderEmailOtp(sampleContext(), { ...model, canResend: true }))).toContain('action=resend');
    const last = renderEmailOtp(sampleContext(), { ...model, canResend: false });
    expect(buttons(last)).toEqual(['action=cancel']);
    expect(String(last)).toContain('role="status"');
    expect(String(last)).toContain('works for 10 minutes');
  });

  test('offer each way to pass a step as a button', () => {
    const page = renderChoose(sampleContext(), {
      choices: [
        { kind: 'totp', value: 'totp', isNew: true },
        { kind: 'email-otp', value: 'email-otp-authenticator', maskedAddress: null },
        { kind: 'connection', value: 'Google', name: 'Google' },
      ],
    });
    expect(buttons(page)).toEqual(['option=totp', 'option=email-otp-authenticator', 'option=Google', 'action=cancel']);
    expect(String(page)).toContain('Set it up on your phone now');
  });

  test('say why a code is asked for before an authenticator app is set up', () => {
    const model = { maskedAddress: 'a•••@b.example', lifetime: 600, canResend: true, sentAgain: false, otherWay: true };
    const page = (beforeSetUp: boolean) => String(renderEmailOtp(sampleContext(), { ...model, beforeSetUp }));
    expect(page(true)).toContain('To set up an authenticator app, first confirm');
    expect(page(false)).not.toContain('To set up an authenticator app');
  });
});

test('consent offers both answers alike and names scopes it has no words for', () => {
  const page = renderConsent(sampleContext({ person: 'ann' }), { scopes: ['openid', 'payslips <b>', 'constructor'] });
  expect(buttons(page)).toEqual(['decision=deny', 'decision=allow']);
  expect(new Set(tags(page, 'button').map((tag) => tag.replace(/value="\w+"/, '')))).toHaveProperty('size', 1);
  expect(String(page)).toContain('<li>Know who you are</li>');
  expect(String(page)).toContain('<li>Use “<bdi>payslips &lt;b&gt;</bdi>”</li>');
  expect(String(page)).toContain('<bdi>constructor</bdi>');
});

test('signing out sends the provider’s own fields', () => {
  const page = renderLogoutConfirm(sampleContext(), { hidden: { xsrf: 'a"b' } });
  expect(String(page)).toContain('<input type="hidden" name="xsrf" value="a&quot;b">');
  expect(buttons(page)).toEqual(['logout=yes']);
});

test('a new password is typed twice, beside the account’s name for password managers', () => {
  const fields = tags(renderReset(sampleContext(), { username: 'ann', minimum: 12 }), 'input');
  expect(
    fields.filter((tag) => tag.includes('autocomplete="new-password"')).map((tag) => / name="(\w+)"/.exec(tag)?.[1]),
  ).toEqual(['password', 'passwordAgain']);
  expect(fields.some((tag) => tag.includes('autocomplete="username" value="ann"'))).toBe(true);
});

describe('an error page', () => {
  const model = { about: 'sign-in', text: 'No.', code: 'INTERNAL', reference: 'r-1' } as const;

  test('gives the reference and leads back to the application', () => {
    const page = String(renderError(sampleContext(), model));
    expect(page).toContain('<code dir="ltr">r-1</code>');
    expect(page).toContain('<a class="button main" href="https://payroll.example/">Back to Payroll</a>');
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'no url', 'app.example://home'])(
    'does not lead to %s',
    (uri) => {
      expect(String(renderError(sampleContext({ application: { name: 'Payroll', uri } }), model))).not.toContain(
        'button main',
      );
      expect(
        String(renderExpired(sampleContext({ application: { name: 'Payroll', uri } }), { reference: null })),
      ).not.toContain('button main');
    },
  );
});

test('hostile names and texts stay small and harmless on every part of a page', () => {
  const huge = `"><script>alert(1)</script>\u202E${'x'.repeat(1_000_000)}`;
  const page = String(
    renderPassword(
      sampleContext({
        brand: huge,
        person: huge,
        application: { name: huge, uri: huge },
        action: huge,
        csrf: huge,
        values: { username: huge },
        errors: [{ field: 'username', text: huge }, { text: huge }],
        languageUrl: () => huge,
      }),
      { password: { username: null, forgotUrl: huge }, connections: [{ name: huge }], otherWay: true },
    ),
  );
  expect(page).not.toContain('<script>');
  expect(page.length).toBeLessThan(500_000);
});

test.each([
  ['ann@example.com', 'a•••@example.com'],
  ['b@c.example', 'b•••@c.example'],
  ['"odd@name"@d.example', '"•••@d.example'],
  ['\u{1F600}x@e.example', '\u{1F600}•••@e.example'],
  ['@f.example', '•••'],
  ['nonsense', '•••'],
])('the address %s is shown as %s', (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});

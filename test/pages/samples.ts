import { type Language, pickLanguage } from '../../src/kernel/languages.ts';
import type { PageContext } from '../../src/pages/context.ts';
import { personSentence } from '../../src/pages/errors.ts';
import type { Html } from '../../src/pages/html.ts';
import { renderChoose } from '../../src/pages/views/choose.ts';
import { renderConnectionTested } from '../../src/pages/views/connection-tested.ts';
import { renderConsent } from '../../src/pages/views/consent.ts';
import { renderEmailOtp } from '../../src/pages/views/email-otp.ts';
import { renderError } from '../../src/pages/views/error.ts';
import { renderExpired } from '../../src/pages/views/expired.ts';
import { renderForgot } from '../../src/pages/views/forgot.ts';
import { renderForgotSent } from '../../src/pages/views/forgot-sent.ts';
import { renderIdentifier } from '../../src/pages/views/identifier.ts';
import { renderLink } from '../../src/pages/views/link.ts';
import { renderLoginDone } from '../../src/pages/views/login-done.ts';
import { renderLogoutConfirm } from '../../src/pages/views/logout-confirm.ts';
import { renderPassword } from '../../src/pages/views/password.ts';
import { renderProfile } from '../../src/pages/views/profile.ts';
import { renderPrompt } from '../../src/pages/views/prompt.ts';
import { renderReset } from '../../src/pages/views/reset.ts';
import { renderResetDone } from '../../src/pages/views/reset-done.ts';
import { renderResetInvalid } from '../../src/pages/views/reset-invalid.ts';
import { renderSessionLimit } from '../../src/pages/views/session-limit.ts';
import { renderSignedOut } from '../../src/pages/views/signed-out.ts';
import { renderStepDone } from '../../src/pages/views/step-done.ts';
import { renderTotpEnrol } from '../../src/pages/views/totp-enrol.ts';
import { renderTotpVerify } from '../../src/pages/views/totp-verify.ts';

/** What a page of the tests knows unless a test says otherwise. */
export function sampleContext(changes: Partial<PageContext> = {}): PageContext {
  return {
    language: pickLanguage({}),
    brand: 'Acme',
    application: { name: 'Payroll', uri: 'https://payroll.example/' },
    person: null,
    action: '/login/step',
    csrf: 'token',
    errors: [],
    values: {},
    languageUrl: (language) => `?ui_locales=${language}`,
    assets: '/assets',
    ...changes,
  };
}

const person = 'ann@example.com';
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const uri = `otpauth://totp/Acme:${person}?secret=${secret}&issuer=Acme`;
const sessions = [
  { id: 'session_1', browser: 'Firefox', platform: 'Linux', ip: '203.0.113.7', lastUsed: 20 },
  { id: 'session_2', browser: 'Samsung Internet', platform: 'Android', ip: '2001:db8::1:7f3a:29cd', lastUsed: 7300 },
  { id: 'session_3', browser: 'Unknown', platform: 'Unknown', ip: '198.51.100.23', lastUsed: 300_000 },
];
const wrong = (language: Language, ...codes: [field: string, code: string][]): PageContext['errors'] =>
  codes.map(([field, code]) => ({ field, text: personSentence(language, code) }));

/** Every view in the states that look different, by name. */
export const samples: Record<string, (language: Language) => Html> = {
  password: (language) =>
    renderPassword(sampleContext({ language }), {
      password: { username: null, forgotUrl: '/forgot' },
      connections: [{ name: 'Google' }, { name: 'Contoso Directory' }],
      otherWay: false,
    }),
  'password-errors': (language) =>
    renderPassword(
      sampleContext({
        language,
        errors: wrong(language, ['username', 'USERNAME_MISSING'], ['password', 'PASSWORD_MISSING']),
      }),
      { password: { username: null, forgotUrl: '/forgot' }, connections: [{ name: 'Google' }], otherWay: false },
    ),
  'password-wrong': (language) =>
    renderPassword(
      sampleContext({
        language,
        values: { username: person },
        errors: wrong(language, ['username', 'INVALID_CREDENTIALS']),
      }),
      { password: { username: null, forgotUrl: '/forgot' }, connections: [], otherWay: true },
    ),
  'password-settled': (language) =>
    renderPassword(sampleContext({ language }), {
      password: { username: person, forgotUrl: null },
      connections: [],
      otherWay: true,
    }),
  connections: (language) =>
    renderPassword(sampleContext({ language }), {
      password: null,
      connections: [{ name: 'Google' }, { name: 'شركة المثال' }, { name: 'Überseehandel' }],
      otherWay: false,
    }),
  identifier: (language) =>
    renderIdentifier(sampleContext({ language }), { connections: [{ name: 'Google' }], otherWay: false }),
  'identifier-errors': (language) =>
    renderIdentifier(
      sampleContext({
        language,
        values: { username: person },
        errors: wrong(language, ['username', 'USERNAME_UNKNOWN']),
      }),
      { connections: [], otherWay: true },
    ),
  choose: (language) =>
    renderChoose(sampleContext({ language, person }), {
      choices: [
        { kind: 'totp', value: 'totp', isNew: false },
        { kind: 'email-otp', value: 'email', maskedAddress: 'a•••@example.com' },
        { kind: 'password', value: 'password' },
        { kind: 'identifier', value: 'identifier' },
        { kind: 'connection', value: 'Google', name: 'Google' },
      ],
    }),
  'totp-enrol': (language) => renderTotpEnrol(sampleContext({ language, person }), { secret, uri, otherWay: true }),
  'totp-enrol-errors': (language) =>
    renderTotpEnrol(
      sampleContext({ language, person, values: { code: '123456' }, errors: wrong(language, ['code', 'CODE_WRONG']) }),
      {
        secret,
        uri,
        otherWay: false,
      },
    ),
  'totp-verify': (language) => renderTotpVerify(sampleContext({ language, person }), { otherWay: true }),
  'totp-verify-errors': (language) =>
    renderTotpVerify(
      sampleContext({ language, person, values: { code: '12345' }, errors: wrong(language, ['code', 'CODE_USED']) }),
      {
        otherWay: true,
      },
    ),
  'email-otp': (language) =>
    renderEmailOtp(sampleContext({ language, person }), {
      maskedAddress: 'a•••@example.com',
      lifetime: 600,
      canResend: true,
      sentAgain: false,
      otherWay: true,
      beforeSetUp: true,
    }),
  'email-otp-if-known': (language) =>
    renderEmailOtp(sampleContext({ language, person }), {
      maskedAddress: null,
      lifetime: 600,
      canResend: true,
      sentAgain: false,
      otherWay: false,
      beforeSetUp: false,
    }),
  'email-otp-sent-again': (language) =>
    renderEmailOtp(sampleContext({ language, person }), {
      maskedAddress: 'a•••@example.com',
      lifetime: 600,
      canResend: false,
      sentAgain: true,
      otherWay: false,
      beforeSetUp: false,
    }),
  'session-limit': (language) =>
    renderSessionLimit(sampleContext({ language, person }), { sessions, toEnd: 1, limit: 3, otherWay: false }),
  'session-limit-errors': (language) =>
    renderSessionLimit(
      sampleContext({
        language,
        person,
        errors: [{ field: 'sessions', text: personSentence(language, 'SESSIONS_TOO_MANY', { count: '2' }) }],
      }),
      { sessions, toEnd: 2, limit: 2, otherWay: true },
    ),
  consent: (language) =>
    renderConsent(sampleContext({ language, person }), {
      scopes: ['openid', 'email', 'groups', 'offline_access', 'payslips.read'],
    }),
  error: (language) =>
    renderError(sampleContext({ language }), {
      about: 'sign-in',
      text: personSentence(language, 'ACCOUNT_REQUIRED', { connection: 'Google', factor: 'TOTP' }),
      code: 'ACCOUNT_REQUIRED',
      reference: 'r-7F3K-29QD',
    }),
  'error-without-application': (language) =>
    renderError(sampleContext({ language, application: null }), {
      about: 'other',
      text: personSentence(language, 'CLIENT_UNKNOWN'),
      code: 'CLIENT_UNKNOWN',
      reference: null,
    }),
  'step-done': (language) => renderStepDone(sampleContext({ language, person }), { continueUrl: '/login/now' }),
  expired: (language) => renderExpired(sampleContext({ language }), { reference: '7KQ2M-4XVP9' }),
  'connection-tested': (language) =>
    renderConnectionTested(sampleContext({ language, application: null }), { connection: 'Google', passed: true }),
  'connection-test-failed': (language) =>
    renderConnectionTested(sampleContext({ language, application: null }), { connection: 'Google', passed: false }),
  'login-done': (language) => renderLoginDone(sampleContext({ language })),
  'signed-out': (language) => renderSignedOut(sampleContext({ language })),
  'logout-confirm': (language) => renderLogoutConfirm(sampleContext({ language }), { hidden: { xsrf: 'secret' } }),
  forgot: (language) => renderForgot(sampleContext({ language }), { signInUrl: '/login' }),
  'forgot-errors': (language) =>
    renderForgot(sampleContext({ language, errors: wrong(language, ['username', 'USERNAME_MISSING']) }), {
      signInUrl: null,
    }),
  'forgot-sent': (language) => renderForgotSent(sampleContext({ language }), { lifetime: 1800, signInUrl: '/login' }),
  reset: (language) => renderReset(sampleContext({ language }), { username: person, minimum: 12 }),
  'reset-errors': (language) =>
    renderReset(sampleContext({ language, errors: wrong(language, ['passwordAgain', 'PASSWORDS_DIFFER']) }), {
      username: person,
      minimum: 12,
    }),
  'reset-done': (language) => renderResetDone(sampleContext({ language }), { signInUrl: '/login' }),
  'reset-invalid': (language) => renderResetInvalid(sampleContext({ language }), { forgotUrl: '/forgot' }),
  'profile-consent': (language) =>
    renderProfile(sampleContext({ language, person }), {
      connection: 'Google',
      known: [
        { claim: 'emailaddress', value: person },
        { claim: 'givenname', value: 'Ann' },
        { claim: 'employee-number', value: '4711' },
      ],
      username: { proposed: person, asked: false },
      password: null,
      attributes: [],
      otherWay: false,
    }),
  'profile-everything': (language) =>
    renderProfile(
      sampleContext({
        language,
        person,
        values: { username: 'ann', attribute1: '' },
        errors: wrong(
          language,
          ['username', 'USERNAME_NOT_FREE'],
          ['attribute1', 'ATTRIBUTE_MISSING'],
          ['passwordAgain', 'PASSWORDS_DIFFER'],
        ),
      }),
      {
        connection: 'شركة المثال',
        known: [{ claim: 'emailaddress', value: person }],
        username: { proposed: 'ann', asked: true },
        password: { minimum: 8 },
        attributes: [
          { name: 'attribute1', claim: 'country' },
          { name: 'attribute2', claim: 'mobile' },
        ],
        otherWay: true,
      },
    ),
  'link-password': (language) =>
    renderLink(sampleContext({ language, person, errors: wrong(language, ['password', 'INVALID_CREDENTIALS']) }), {
      connection: 'Google',
      value: person,
      proof: { by: 'password' },
      isSecond: false,
      otherWay: false,
    }),
  'link-email-code': (language) =>
    renderLink(sampleContext({ language, person }), {
      connection: 'Google',
      value: 'EMP-4711',
      proof: { by: 'email-code', maskedAddress: 'a…@example.com', lifetime: 600, canResend: true, sentAgain: false },
      isSecond: false,
      otherWay: true,
    }),
  'link-totp': (language) =>
    renderLink(sampleContext({ language, person, errors: wrong(language, ['code', 'CODE_WRONG']) }), {
      connection: 'Google',
      value: person,
      proof: { by: 'totp' },
      isSecond: true,
      otherWay: false,
    }),
  prompt: (language) =>
    renderPrompt(sampleContext({ language, person }), {
      title: 'Terms of {company}',
      paragraphs: ['Please read version {version} of our terms.'],
      data: { company: 'شركة المثال', version: '7' },
      fields: [],
      buttons: [
        { name: 'action.accept', label: 'I accept' },
        { name: 'action.decline', label: 'I do not accept' },
      ],
    }),
  'prompt-errors': (language) =>
    renderPrompt(
      sampleContext({
        language,
        person,
        values: { colour: 'blue' },
        errors: wrong(language, ['age', 'ATTRIBUTE_MISSING']),
      }),
      {
        title: 'A short survey',
        paragraphs: [],
        data: {},
        fields: [
          { name: 'age', label: 'Your age', type: 'number', required: true, hint: 'In years' },
          { name: 'colour', label: 'Your colour', type: 'text', required: false },
        ],
        buttons: [],
      },
    ),
};

import { expect, test } from 'vitest';
import type { Knowledge } from '../../src/validator/knowledge.ts';
import { validateFlow } from '../../src/validator/validate.ts';
import { knowledge, stepsOf } from './knowledge.ts';
import { publishedStyle } from './published-style.ts';

const usual = stepsOf(
  [{ authenticator: 'BasicAuthenticator' }],
  [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }],
);
/** Libraries, roles and secrets that they name are there. */
const withLibrary: Knowledge = {
  ...knowledge,
  libraries: null,
  names: { role: ['admin', 'manager'], 'application role': ['approver'], secret: ['riskKey', 'other', 'key'] },
};

test('there are enough of them', () => {
  expect(publishedStyle.length).toBeGreaterThanOrEqual(30);
  expect(new Set(publishedStyle.map(({ name }) => name)).size).toBe(publishedStyle.length);
});

test.each(publishedStyle.map((one) => [one.name, one] as const))('«%s» has no error', (_name, { script, steps }) => {
  const findings = validateFlow({ steps: steps ?? usual, script, scriptEnabled: true }, withLibrary);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('nor any warning but of functions that are not there', () => {
  const warnings = publishedStyle.flatMap(({ name, script, steps }) =>
    validateFlow({ steps: steps ?? usual, script, scriptEnabled: true }, withLibrary)
      .filter(({ code }) => code !== 'UNKNOWN_FUNCTION')
      .map(({ code, message }) => `${name}: ${code} ${message}`),
  );
  expect(warnings).toEqual([]);
});

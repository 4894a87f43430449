import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';

const key = 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP';
const codeAt = (seconds: number) =>
  new TOTP({ secret: key.replaceAll(' ', '') }).generate({ timestamp: seconds * 1000 });

test('three codes come without waiting: before, now, after; then there are none', () => {
  const app = createAuthenticatorApp(key, { now: () => 1_000_000_000 * 1000 });
  expect([app.nextCode(), app.nextCode(), app.nextCode()]).toEqual([
    codeAt(999_999_970),
    codeAt(1_000_000_000),
    codeAt(1_000_000_030),
  ]);
  expect(() => app.nextCode()).toThrow('used up');
});

test('a code that would be too old on arrival is left out', () => {
  // 1,000,000,019 is the last second of its time step.
  const app = createAuthenticatorApp(key, { now: () => 1_000_000_019 * 1000 });
  expect(app.nextCode()).toBe(codeAt(1_000_000_019));
});

import { expect, test } from 'vitest';
import { unavailableAuthenticators } from '../../src/authenticators/known-names.ts';
import { openFixture } from './fixture.ts';

test.each(unavailableAuthenticators)('$name is known, but its step fails', async (authenticator) => {
  const { context, settle } = await openFixture();
  const failed = { kind: 'failed', problem: { code: 'AUTHENTICATOR_NOT_AVAILABLE' } };
  expect(await settle(await authenticator.begin(context()))).toMatchObject(failed);
  expect(await settle(await authenticator.answer(context(), {}, { code: '123456' }))).toMatchObject(failed);
  expect(authenticator.proves).toBe(false);
});

test('those that scripts of other servers name are among them', () => {
  // As scripts compare with them: the names of Asgardeo and WSO2 Identity Server.
  expect(unavailableAuthenticators.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'FIDOAuthenticator',
      'sms-otp-authenticator',
      'MagicLinkAuthenticator',
      'backup-code-authenticator',
      'push-notification-authenticator',
    ]),
  );
});

test('no name stands for two of them', () => {
  const names = unavailableAuthenticators.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});

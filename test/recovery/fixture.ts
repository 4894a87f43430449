import type { User } from '../../src/directory/user.ts';
import type { UserId } from '../../src/kernel/ids.ts';
import { writeResetMail } from '../../src/pages/mails.ts';
import { createRecovery } from '../../src/recovery/recovery.ts';
import type { Stores } from '../../src/stores.ts';
import { openFixture, verifiedAddress } from '../authenticators/fixture.ts';

export const publicUrl = 'https://login.example';

/** Ann, whose password is forgotten, and what resets it. */
export async function openRecovery(ann: Partial<User> & { password?: string } = { password: 'correct horse' }) {
  const fixture = await openFixture();
  const ended: UserId[] = [];
  const recovery = createRecovery({
    ...fixture,
    publicUrl,
    writeResetMail: (of) => writeResetMail({ ...of, brand: 'Example Org' }),
    // A write of its own, to see that it shares the fate of the unit.
    async endAccess(stores: Stores, userId: UserId) {
      await stores.throttle.add(`ended:${userId}`, fixture.clock.now(), 1_000_000);
      ended.push(userId);
    },
  });
  const user = await fixture.addUser({ ...verifiedAddress('ann@example.com'), ...ann });
  return {
    ...fixture,
    recovery,
    user,
    ended,
    request: (identifier = 'ann', ip = '203.0.113.7') => recovery.request({ identifier, ip, language: 'en' }),
    /** The tokens that were mailed, oldest first. */
    async tokens() {
      const mails = await fixture.readOutbox();
      return mails.map(({ text }) => /https:\/\/login\.example\/reset\?token=(\S+)/.exec(text)?.[1] ?? 'none');
    },
    async passwordIs(password: string) {
      return fixture.passwords.verify(await fixture.database.read.users.findPasswordHash(user.id), password);
    },
    /** How often access was ended, by what is on disk. */
    async endings() {
      return (await fixture.database.read.throttle.find(`ended:${user.id}`, fixture.clock.now())).count;
    },
  };
}

import { writeSync } from 'node:fs';
import { newId } from '../../src/kernel/ids.ts';
import { openDatabase } from '../../src/storage/open.ts';
import { aLogin, anEntry, anEvent, now } from './samples.ts';

/*
 * Writes until it is killed, several units at once, and says on its standard output what it was told: a line
 * `kept <login>` or `lost <login> <code>` for each unit. A unit writes a login, two entries of its journal and an event
 * of some kilobytes, and counts itself.
 */
const [file = ''] = process.argv.slice(2);
const db = await openDatabase({ file });

async function writeOn(): Promise<never> {
  for (;;) {
    const login = aLogin({ interactionUid: newId('event') });
    const outcome = await db
      .unit(async ({ logins, audit, throttle }) => {
        await logins.insert(login);
        await logins.appendEntry(login.id, anEntry(0));
        await audit.append(anEvent({ loginId: login.id, details: { text: 'x'.repeat(4000) } }));
        await logins.appendEntry(login.id, anEntry(1));
        await throttle.add('units', now, 1000);
      })
      .then(
        () => `kept ${login.id}`,
        (error: { code?: string }) => `lost ${login.id} ${error.code}`,
      );
    // Written before anything else can happen: a line that the parent has read was told before the kill.
    writeSync(1, `${outcome}\n`);
  }
}

await Promise.all(Array.from({ length: 6 }, writeOn));

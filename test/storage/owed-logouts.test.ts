import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import type { OwedLogout } from '../../src/sessions/owed-logout.ts';
import { dialects, useDatabase } from './dialects.ts';
import { anApplication, now } from './samples.ts';

describe.each(dialects)('logouts that applications are owed on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test('are listed when they are due, claimed by one, and gone with their application', async () => {
    const { db } = storage;
    const [payroll, wiki] = [anApplication(), anApplication()];
    const owed = (application: { id: OwedLogout['applicationId'] }, nextAttemptAt: number): OwedLogout => ({
      ...{ sessionId: newId('session'), applicationId: application.id, browserUid: 'uid', subject: 'user_1' },
      ...{ attempts: 0, nextAttemptAt, expiresAt: now + 9 },
    });
    const [first, second, later] = [owed(payroll, now - 1), owed(wiki, now), owed(wiki, now + 1)];
    await db.unit(async ({ applications, owedLogouts }) => {
      for (const application of [payroll, wiki]) await applications.insert(application);
      for (const each of [later, second, first]) await owedLogouts.owe(each);
      await owedLogouts.owe({ ...first, attempts: 9, nextAttemptAt: 0 });
    });
    const due = (at: number, except: OwedLogout['applicationId'][] = []) =>
      db.read.owedLogouts.listDue({ now: at, limit: 10, except });
    expect(await due(now)).toEqual([first, second]);
    expect(await due(now, [payroll.id])).toEqual([second]);

    const next = { attempts: 1, nextAttemptAt: now + 5 };
    const claim = (which: OwedLogout) => db.unit(({ owedLogouts }) => owedLogouts.claim(which, next));
    expect(await Promise.all([claim(first), claim(first)])).toEqual([true, false]);
    expect(await due(now + 5)).toEqual([second, later, { ...first, ...next }]);
    await db.unit(async ({ applications, owedLogouts }) => {
      await owedLogouts.delete(second);
      await applications.delete(payroll.id);
    });
    expect(await due(now + 5)).toEqual([later]);
    expect(await claim(first)).toBe(false);
  });
});

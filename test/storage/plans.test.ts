import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { openDatabase } from '../../src/storage/open.ts';
import { openWriter, type SqliteConnection } from '../../src/storage/sqlite/connection.ts';
import { sqlite } from '../../src/storage/sqlite/dialect.ts';
import type { Session } from '../../src/storage/statement.ts';
import { defineStores } from '../../src/storage/stores.ts';
import type { Stores } from '../../src/stores.ts';
import { temporaryDirectory } from './dialects.ts';
import { aConnection, aLogin, anApplication, anArtifact, aSession, aUser } from './samples.ts';

let directory: string;
let connection: SqliteConnection;

beforeAll(async () => {
  directory = temporaryDirectory();
  const file = join(directory, 'stepgate.db');
  const db = await openDatabase({ file });
  await db.unit(({ users }) => users.insert(user));
  await db.close();
  connection = openWriter(file);
});

afterAll(() => {
  connection.close();
  rmSync(directory, { recursive: true });
});

const user = aUser();
const page = { after: 'x', limit: 10 };
const userId = user.id;
const [applicationId, loginId] = [newId('app'), newId('login')];

const aRole = { id: newId('role'), name: 'x', applicationId: null, createdAt: 1, updatedAt: 1, revision: 1 };

/** Every way of asking that meets a table which grows with people or logins. */
const questions: [string, (stores: Stores) => Promise<unknown>][] = [
  ['applications.update', ({ applications }) => applications.update(anApplication())],
  ['applications.findByClientId', ({ applications }) => applications.findByClientId('x')],
  ['applications.findByName', ({ applications }) => applications.findByName('x')],
  ['applications.list', ({ applications }) => applications.list(page)],
  ['applications.listVersions', ({ applications }) => applications.listVersions(applicationId)],
  ['scenarios.list', ({ scenarios }) => scenarios.list(applicationId, 1)],
  ['connections.update', ({ connections }) => connections.update(aConnection())],
  ['connections.findByName', ({ connections }) => connections.findByName('x')],
  ['connections.delete', ({ connections }) => connections.delete(newId('conn'))],
  ['users.insert', ({ users }) => users.insert(aUser())],
  ['users.update', ({ users }) => users.update({ ...user, usernameKey: 'x', attributes: [] })],
  ['users.delete', ({ users }) => users.delete(userId)],
  ['users.findByUsernameKey', ({ users }) => users.findByUsernameKey('x')],
  ['users.findBySubject', ({ users }) => users.findBySubject('x')],
  ['users.findByAttribute', ({ users }) => users.findByAttribute('x', 'x', 10)],
  [
    'users.findByAttributes',
    ({ users }) =>
      users.findByAttributes(
        [
          { uri: 'x', value: 'x' },
          { uri: 'y', value: 'y' },
        ],
        10,
      ),
  ],
  ['users.list', ({ users }) => users.list(page)],
  ['users.findPasswordHash', ({ users }) => users.findPasswordHash(userId)],
  ['users.listFactors', ({ users }) => users.listFactors(userId)],
  ['users.useTimeStep', ({ users }) => users.useTimeStep(newId('factor'), 1)],
  ['users.findAssociation', ({ users }) => users.findAssociation(newId('conn'), 'x')],
  ['users.listAssociations', ({ users }) => users.listAssociations(userId)],
  ['users.useResetToken', ({ users }) => users.useResetToken('x')],
  ['users.deleteExpiredResetTokens', ({ users }) => users.deleteExpiredResetTokens(1, 10)],
  ['roles.update', ({ roles }) => roles.update(aRole)],
  ['roles.findByName', ({ roles }) => roles.findByName('x', null)],
  ['roles.list', ({ roles }) => roles.list(page)],
  ['roles.list of an application', ({ roles }) => roles.list({ ...page, applicationId })],
  ['roles.listMembers', ({ roles }) => roles.listMembers(newId('role'), page)],
  ['roles.delete', ({ roles }) => roles.delete(newId('role'))],
  ['groups.findByName', ({ groups }) => groups.findByName('x')],
  ['groups.list', ({ groups }) => groups.list(page)],
  ['groups.listMembers', ({ groups }) => groups.listMembers(newId('group'), page)],
  ['groups.delete', ({ groups }) => groups.delete(newId('group'))],
  ['logins.update', ({ logins }) => logins.update(aLogin())],
  ['logins.findByInteraction', ({ logins }) => logins.findByInteraction('x')],
  ['logins.findByReference', ({ logins }) => logins.findByReference('x')],
  ['logins.list', ({ logins }) => logins.list(page)],
  ['logins.list of an application', ({ logins }) => logins.list({ ...page, applicationId })],
  ['logins.list of a person', ({ logins }) => logins.list({ ...page, userId })],
  ['logins.listRunning of a person', ({ logins }) => logins.listRunning({ userId })],
  ['logins.listRunning of a version', ({ logins }) => logins.listRunning({ applicationId, version: 1 })],
  ['logins.listEntries', ({ logins }) => logins.listEntries(loginId)],
  ['logins.setEntryCpu', ({ logins }) => logins.setEntryCpu(loginId, 1, 1)],
  ['logins.listLogs', ({ logins }) => logins.listLogs(loginId)],
  ['logins.useFederationState', ({ logins }) => logins.useFederationState('x')],
  ['logins.deleteAbandoned', ({ logins }) => logins.deleteAbandoned({ before: 1, now: 2 }, 10)],
  ['logins.deleteOlderThan', ({ logins }) => logins.deleteOlderThan(1, 10)],
  ['artifacts.upsert', ({ artifacts }) => artifacts.upsert(anArtifact())],
  ['artifacts.find', ({ artifacts }) => artifacts.find('x', 'x')],
  ['artifacts.findByUid', ({ artifacts }) => artifacts.findByUid('x', 'x')],
  ['artifacts.findByUserCode', ({ artifacts }) => artifacts.findByUserCode('x', 'x')],
  ['artifacts.consume', ({ artifacts }) => artifacts.consume('x', 'x', 1)],
  ['artifacts.destroy', ({ artifacts }) => artifacts.destroy('x', 'x')],
  ['artifacts.revokeByGrantId', ({ artifacts }) => artifacts.revokeByGrantId('x')],
  ['artifacts.listByAccountId', ({ artifacts }) => artifacts.listByAccountId('x', 'x')],
  ['artifacts.revokeByAccountId', ({ artifacts }) => artifacts.revokeByAccountId('x')],
  ['artifacts.deleteExpired', ({ artifacts }) => artifacts.deleteExpired(1, 10)],
  ['sessions.update', ({ sessions }) => sessions.update(aSession())],
  ['sessions.findByBrowser', ({ sessions }) => sessions.findByBrowser('x')],
  ['sessions.listBySubject', ({ sessions }) => sessions.listBySubject('x')],
  ['sessions.list', ({ sessions }) => sessions.list(page)],
  ['sessions.list of a person', ({ sessions }) => sessions.list({ ...page, userId })],
  ['sessions.deleteExpired', ({ sessions }) => sessions.deleteExpired(1, 10)],
  ['upstreamSessions.listByLogin', ({ upstreamSessions }) => upstreamSessions.listByLogin(loginId)],
  ['upstreamSessions.listByBrowser', ({ upstreamSessions }) => upstreamSessions.listByBrowser('x')],
  ['upstreamSessions.listByName', ({ upstreamSessions }) => upstreamSessions.listByName(newId('conn'), 'x')],
  ['upstreamSessions.listBySid', ({ upstreamSessions }) => upstreamSessions.listBySid(newId('conn'), 'x')],
  ['upstreamSessions.listOwed', ({ upstreamSessions }) => upstreamSessions.listOwed({ now: 1, limit: 10, except: [] })],
  [
    'upstreamSessions.listOwed, not to some',
    ({ upstreamSessions }) => upstreamSessions.listOwed({ now: 1, limit: 10, except: [newId('conn')] }),
  ],
  ['owedLogouts.listDue', ({ owedLogouts }) => owedLogouts.listDue({ now: 1, limit: 10, except: [newId('app')] })],
  ['upstreamSessions.deleteExpired', ({ upstreamSessions }) => upstreamSessions.deleteExpired(1, 10)],
  ['audit.list', ({ audit }) => audit.list(page)],
  ['audit.list of a type', ({ audit }) => audit.list({ ...page, type: 'x' })],
  ['audit.list of a target', ({ audit }) => audit.list({ ...page, target: 'x' })],
  ['audit.list of a login', ({ audit }) => audit.list({ ...page, loginId: 'x' })],
  ['audit.list of a reference', ({ audit }) => audit.list({ ...page, reference: 'x' })],
  ['audit.replaceDetails', ({ audit }) => audit.replaceDetails(newId('event'), {})],
  ['audit.deleteOlderThan', ({ audit }) => audit.deleteOlderThan(1, 10)],
  ['outbox.listDue', ({ outbox }) => outbox.listDue(1, 10)],
  ['tellings.list', ({ tellings }) => tellings.list(1, 10)],
  ['tellings.deleteExpired', ({ tellings }) => tellings.deleteExpired(1, 10)],
  ['tellings.has', ({ tellings }) => tellings.has({ loginId, seq: 1 })],
  ['tellings.deleteByLogin', ({ tellings }) => tellings.deleteByLogin(loginId)],
  ['tellings.delete', ({ tellings }) => tellings.delete({ loginId, seq: 1 })],
  ['throttle.find', ({ throttle }) => throttle.find('x', 1)],
  ['throttle.deleteExpired', ({ throttle }) => throttle.deleteExpired(1, 10)],
];

test.each(questions)('%s walks through no table, so it costs the same with a million rows', async (_, ask) => {
  expect((await explain(ask)).filter((step) => step.startsWith('SCAN'))).toEqual([]);
});

test('who is named in events about nobody is looked for in these alone', async () => {
  expect(await explain(({ audit }) => audit.listAboutNobody(['x', 'y']))).toEqual([
    'SCAN audit_events USING INDEX audit_events_about_nobody',
  ]);
});

async function explain(ask: (stores: Stores) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  const session: Session = {
    async execute(sql, parameters) {
      const steps = connection.execute(`EXPLAIN QUERY PLAN ${sql}`, parameters).rows as { detail: string }[];
      plans.push(...steps.map(({ detail }) => detail));
      return connection.execute(sql, parameters);
    },
  };
  connection.execute('BEGIN');
  await ask(defineStores(sqlite)(session));
  connection.execute('ROLLBACK');
  return plans;
}
